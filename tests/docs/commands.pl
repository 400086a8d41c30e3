#!/usr/bin/perl
# Runs every command that documents show, and compares what it prints with what they show.
#
#   commands.pl --program PAGETOKEN [--long] [--update] [--put NAME=FILE]... DOCUMENT...
#
# Each document has a folder of its own, in which the tree's top folders are seen and the program is in the path: what a
# command writes is there for the next. --long runs what takes over 5 s, too. --update writes what is printed now into the
# documents, line by line where lines are left out; it says which it could not place. --put lets a document find a file
# that the build has made already. tests/docs/document.pm says how blocks are marked.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);
use Getopt::Long;
use lib dirname(abs_path(__FILE__));
use document;

my $here = dirname(abs_path(__FILE__));
my $root = abs_path("$here/../..");
my ($program, $long, $update, @put);
GetOptions('program=s' => \$program, 'long' => \$long, 'update' => \$update, 'put=s' => \@put)
  && $program && @ARGV or die "usage: commands.pl --program PAGETOKEN [--long] [--update] [--put NAME=FILE] DOCUMENT...\n";
$program = abs_path($program);
my $failures = 0;

sub complain {
  print @_, "\n";
  ++$failures;
}

# A folder for the commands of one document.
sub make_folder {
  my $folder = tempdir(CLEANUP => 1);
  for (glob "$root/*") { symlink $_, "$folder/" . basename($_) unless m{/build$} || m{/demo-report$}; }
  mkdir "$folder/bin.d";
  symlink $program, "$folder/bin.d/pagetoken";
  for (@put) {
    my ($name, $file) = split /=/, $_, 2;
    system('cp', $file, "$folder/$name") == 0 or die "cp $file failed\n";  # a command may write it anew
  }
  return $folder;
}

sub run {
  my ($folder, $command) = @_;
  local $ENV{PATH} = "$folder/bin.d:$ENV{PATH}";
  local $ENV{LC_ALL} = 'C.UTF-8';
  local $ENV{NO_COLOR} = 1;
  open my $pipe, '-|', 'bash', '-c', "cd '$folder' && { $command\n} 2>&1 </dev/null" or die "bash: $!\n";
  chomp(my @printed = <$pipe>);
  close $pipe;
  return ($? & 127 ? 128 + ($? & 127) : $? >> 8, map { s/\s+$//r } @printed);
}

# A line as it is but for its numbers and the widths of its columns.
sub skeleton {
  my ($line) = @_;
  $line =~ s/[0-9.]+/#/g;
  $line =~ s/\s+/ /g;
  return $line =~ s/^ | $//gr;
}

# The words before the first number.
sub head_of { return skeleton($_[0]) =~ s/[#<].*//r; }

# What a document is to show of what was printed: every line it shows is looked for, in order, by all its words, or by its
# first ones.
sub updated {
  my ($shown, $printed) = @_;
  return @$printed unless grep { /^\s*\.\.\.\s*$/ } @$shown;
  my ($at, @now) = (0);
  for my $line (@$shown) {
    if ($line =~ /^\s*\.\.\.\s*$/) { push @now, $line; next; }
    my ($same) = grep { $printed->[$_] eq $line } $at .. $#$printed;
    ($same) = grep { skeleton($printed->[$_]) eq skeleton($line) } $at .. $#$printed unless defined $same;
    ($same) = grep { head_of($printed->[$_]) eq head_of($line) } $at .. $#$printed if !defined $same && head_of($line) =~ /\w/;
    return unless defined $same;
    push @now, $printed->[$same];
    $at = $same + 1;
  }
  return @now;
}

sub recorded {
  my ($name) = @_;
  my $file = "$here/long/$name.txt";
  return unless -e $file;
  my @lines = read_lines($file);
  return map { {command => $_->{command}, printed => [@lines[$_->{first} .. $_->{last}]]} } commands_of(\@lines, 0, $#lines);
}

# Left as it is where only what varies has changed.
sub record {
  my ($file, $lines, $varies) = @_;
  mkdir dirname($file);
  write_lines($file, @$lines) unless -e $file && same_output([read_lines($file)], $lines, $varies);
}

sub missing_program {
  my ($block) = @_;
  for (@{$block->{needs} || []}) { return $_ if system("command -v $_ >/dev/null 2>&1") != 0; }
  return;
}

# What the commands of a block print: run now, or recorded.
sub outputs_of {
  my ($block, $folder, $where) = @_;
  my $name = $block->{long} ? $block->{long}[0] : undef;
  if ($name && !$long) {
    my @recorded = recorded($name);
    my @commands = map { $_->{command} } @{$block->{commands}};
    complain("$where: tests/docs/long/$name.txt has other commands: commands.pl --long --update makes it anew"), return
      unless "@commands" eq join ' ', map { $_->{command} } @recorded;
    return map { $_->{printed} } @recorded;
  }
  my (@outputs, @lines, $status);
  for (@{$block->{commands}}) {
    ($status, my @printed) = run($folder, $_->{command});
    my $allowed = $block->{exit} ? $status == $block->{exit}[0] : $status == 0 || $status == 1 || $status == 4;
    complain("$where: \$ $_->{command}\n  ended with $status:\n  ", join "\n  ", @printed) unless $allowed || @outputs + 1 < @{$block->{commands}} && $block->{exit};
    push @outputs, \@printed;
    push @lines, "\$ $_->{command}", @printed;
  }
  record("$here/long/$name.txt", \@lines, $block->{varies}) if $name && $update;
  return @outputs;
}

# Compares one block, or replaces what it shows; from the last command to the first, since places move.
sub check_block {
  my ($lines, $block, $folder, $where) = @_;
  if (my $program = missing_program($block)) {
    print "$where: left out, there is no $program\n";
    return;
  }
  my @outputs = outputs_of($block, $folder, $where);
  my $changed = 0;
  return 0 unless @outputs;
  for my $c (reverse 0 .. $#{$block->{commands}}) {
    my $command = $block->{commands}[$c];
    my @shown = @$lines[$command->{first} .. $command->{last}];
    my ($same, $part) = same_output(\@shown, $outputs[$c], $block->{varies});
    next if $same;
    if ($update && (my @now = updated(\@shown, $outputs[$c]))) {
      splice @$lines, $command->{first}, @shown, @now;
      $changed += @now - @shown;
      print "$where: updated: \$ $command->{command}\n";
    } else {
      complain("$where: \$ $command->{command}\nthese lines are shown, and not printed so:\n  ",
               join("\n  ", @$part), "\nprinted:\n  ", join "\n  ", @{$outputs[$c]});
    }
  }
  return $changed;
}

for my $file (@ARGV) {
  my @lines = read_lines("$root/$file");
  my $folder = make_folder();
  my $moved = 0;
  my $before = "@lines";
  for my $block (blocks_of(\@lines)) {
    for my $place ($block, @{$block->{commands}}) { $place->{$_} += $moved for qw(first last); }
    if ($block->{file}) {
      write_lines("$folder/$block->{file}[0]", @lines[$block->{first} .. $block->{last}]);
      next;
    }
    $moved += check_block(\@lines, $block, $folder, "$file:" . ($block->{first} + 1)) || 0;
  }
  write_lines("$root/$file", @lines) if $before ne "@lines";
}
my ($own_user, $own_system, $user, $system) = times;
printf "%d document%s, %.1f s of CPU\n", scalar @ARGV, @ARGV == 1 ? '' : 's', $own_user + $own_system + $user + $system;
exit($failures ? 1 : 0);
