#!/usr/bin/perl
# Holds the map of modules in docs/architecture.md against what CMake configured.
#
#   map.pl --modules FILE [--update]
#
# FILE has a line a module, "FOLDER: what it names after DEPENDS" (tests/docs/CMakeLists.txt). Each folder must have a line
# in the table of the document, whose last column, and the picture above it, are made from DEPENDS: --update writes them.
# Protocols are one line, protocols/NAME.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Getopt::Long;
use lib dirname(abs_path(__FILE__));
use document;

my ($modules, $update);
GetOptions('modules=s' => \$modules, 'update' => \$update) && $modules or die "usage: map.pl --modules FILE [--update]\n";
my $root = abs_path(dirname(abs_path(__FILE__)) . '/../..');
my $document = "$root/docs/architecture.md";

# What each module names, the protocols as one.
sub read_modules {
  my %sees;
  my $name = sub { -e "$root/$_[0]/check.json" ? 'protocols/NAME' : $_[0] };
  for (read_lines($modules)) {
    my ($folder, $depends) = /^(\S+): ?(.*)/ or next;
    $sees{$name->($folder)}{$name->($_)} = 1 for split /[; ]+/, $depends;
    $sees{$name->($folder)} ||= {};
  }
  return %sees;
}

# Everything that can be reached from a module by one arrow or more.
sub reached {
  my ($sees, $from, $found) = @_;
  for (keys %{$sees->{$from}}) { reached($sees, $_, $found) unless $found->{$_}++; }
  return $found;
}

# Arrows that follow from no others.
sub picture {
  my ($sees) = @_;
  my $id = sub { $_[0] =~ tr{/}{_}r };
  my @lines = ('```mermaid', 'graph TD');
  for my $from (sort keys %$sees) {
    my %indirect = map { %{reached($sees, $_, {})} } keys %{$sees->{$from}};
    my @to = grep { !$indirect{$_} } sort keys %{$sees->{$from}};
    push @lines, '  ' . $id->($from) . "[\"$from\"]" . (@to ? ' --> ' . join ' & ', map { $id->($_) } @to : '');
  }
  return (@lines, '```');
}

my %sees = read_modules();
my @lines = read_lines($document);
my (@made, %told);
while (@lines) {
  my $line = shift @lines;
  if ($line =~ /^```mermaid/) {
    shift @lines while @lines && $lines[0] !~ /^```/;
    shift @lines;
    push @made, picture(\%sees);
  } elsif ($line =~ m{^(\| `((?:sim|protocols|analysis|tests)/\S+)` \| [^|]+ \|)} && $sees{$2}) {
    $told{$2} = 1;
    push @made, $1 . join('', map { ($_ eq '' ? '' : ' ') . $_ } join ', ', map { "`$_`" } sort keys %{$sees{$2}}) . ' |';
  } else {
    push @made, $line;
  }
}
my $failures = 0;
for (grep { !$told{$_} } sort keys %sees) {
  print "docs/architecture.md: the table has no line for $_\n";
  ++$failures;
}
my @before = read_lines($document);
for (@before) {
  if (m{^\| `((?:sim|protocols|analysis|tests)/\S+)` \|} && !$sees{$1}) {
    print "docs/architecture.md: there is no module $1\n";
    ++$failures;
  }
}
if ("@before" ne "@made") {
  if ($update) {
    write_lines($document, @made);
  } else {
    print "docs/architecture.md: the map is not what CMake has; tests/docs/map.pl --update writes it:\n";
    my %before = map { $_ => 1 } @before;
    print "  $_\n" for grep { !$before{$_} } @made;
    ++$failures;
  }
}
exit($failures ? 1 : 0);
