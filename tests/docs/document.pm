# What a document holds for those who check it: fenced blocks, and the marks in the HTML comments right above them.
#
#   <!-- long: NAME -->      the block takes over 5 s: it is run with --long only, and else held against long/NAME.txt
#   <!-- exit: 2 -->         its last command ends with this; else with 0, 1 (something was found) or 4 (no verdict)
#   <!-- varies: REGEX -->   what the machine has a part in: where REGEX matches, two outputs need not be alike
#   <!-- needs: PROGRAM -->  the block is left out where there is no such program
#   <!-- file: NAME -->      no commands: the block is the content of a file that later commands read
#
# A line that begins with "$ " is a command (ended by a backslash, it goes on in the next line), and what follows is what
# it prints; a line "..." stands for any lines that are left out.
package document;

use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(read_lines write_lines blocks_of commands_of same_output);

sub read_lines {
  my ($file) = @_;
  open my $in, '<', $file or die "$file: $!\n";
  chomp(my @lines = <$in>);
  return @lines;
}

sub write_lines {
  my ($file, @lines) = @_;
  open my $out, '>', $file or die "$file: $!\n";
  print $out "$_\n" for @lines;
  close $out or die "$file: $!\n";
}

# Splits the lines of a block into {command, first, last (of its output, as places in the lines)}.
sub commands_of {
  my ($lines, $first, $last) = @_;
  my @commands;
  for (my $i = $first; $i <= $last; ++$i) {
    if ($lines->[$i] =~ /^\$ (.*)/) {
      my $command = $1;
      while ($command =~ s/\\$// && $i < $last) { $command .= $lines->[++$i]; }
      push @commands, {command => $command, first => $i + 1, last => $i};
    } elsif (@commands) {
      $commands[-1]{last} = $i;
    }
  }
  return @commands;
}

# The fenced blocks of a document that have commands, or are a file: {first, last, commands, and the marks by name}.
sub blocks_of {
  my ($lines) = @_;
  my (@blocks, %marks);
  for (my $i = 0; $i < @$lines; ++$i) {
    if ($lines->[$i] =~ /^<!-- (\w+): (.*?) -->$/) {
      push @{$marks{$1}}, $2;
      next;
    }
    if ($lines->[$i] =~ /^```/) {
      my $first = $i + 1;
      ++$i;
      ++$i while $i < @$lines && $lines->[$i] !~ /^```\s*$/;
      die 'line ' . $first . ": the block does not end\n" if $i == @$lines;
      my @commands = $marks{file} ? () : commands_of($lines, $first, $i - 1);
      push @blocks, {%marks, first => $first, last => $i - 1, commands => \@commands} if @commands || $marks{file};
    }
    %marks = ();
  }
  return @blocks;
}

sub plain {
  my ($line, $varies) = @_;
  $line =~ s/\s+$//;
  $line =~ s/$_/~/g for @$varies;
  return $line;
}

# Whether the lines shown are those printed, except where "..." leaves some out. In a list: the first lines that are not
# found, too.
sub same_output {
  my ($shown, $printed, $varies) = @_;
  my @parts = ([]);
  for (@$shown) {
    if (/^\s*\.\.\.\s*$/) { push @parts, []; } else { push @{$parts[-1]}, plain($_, $varies); }
  }
  my @printed = map { plain($_, $varies) } @$printed;
  my $at = 0;
  for my $p (0 .. $#parts) {
    my @part = @{$parts[$p]};
    my ($from, $to) = ($at, @printed - @part);
    $to = 0 if $p == 0 && $to > 0;                 # the first part begins the output
    $from = $to if $p == $#parts && $to > $from;   # the last ends it
    return wantarray ? (0, \@part) : 0 if $p == 0 && $p == $#parts && @part != @printed;
    my $found;
    for my $place ($from .. $to) {
      next if grep { $printed[$place + $_] ne $part[$_] } 0 .. $#part;
      $found = $place;
      last;
    }
    return wantarray ? (0, \@part) : 0 unless defined $found;
    $at = $found + @part;
  }
  return wantarray ? (1, []) : 1;
}

1;
