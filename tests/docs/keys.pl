#!/usr/bin/perl
# Every key of a file that the program reads or writes is told in docs/files.md.
#
#   keys.pl --program PAGETOKEN
#
# Keys come from the schemas of configurations, and from files that are written here: a summary, the directory of a sweep, a
# trace, results of checks, a counterexample, a judgement. Names of things (events, message types, pointers) are no keys.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Getopt::Long;
use lib dirname(abs_path(__FILE__));
use document;

my $program;
GetOptions('program=s' => \$program) && $program or die "usage: keys.pl --program PAGETOKEN\n";
$program = abs_path($program);
my $root = abs_path(dirname(abs_path(__FILE__)) . '/../..');
my $folder = tempdir(CLEANUP => 1);
my ($failures, $files, %seen) = (0, 0);

# The section that a key is looked for in ends where the next of its rank begins; "DOCUMENT: HEADING" is of another document.
sub section {
  my ($heading) = @_;
  my $document = $heading =~ s/^(\S+\.md): // ? $1 : 'docs/files.md';
  my $told = slurp("$root/$document");
  $told =~ /^## \Q$heading\E\n(.*?)(?=^## |\z)/ms or die "$document: no heading \"$heading\"\n";
  return $1;
}

sub check_keys {
  my ($heading, $text, @more) = @_;
  my $section = join "\n", map { section($_) } $heading, @more;
  ++$files;
  my %keys = map { $_ => 1 } $text =~ /"(\$?[a-z][a-z0-9_]*)"\s*:/g;
  die "docs/files.md, \"$heading\": the file to compare with has no keys\n" unless %keys;
  for (sort keys %keys) {
    next if $section =~ /(?<![\w])\Q$_\E(?!\w)/ || $seen{"$heading $_"}++;
    print "docs/files.md, \"$heading\": the key $_ is not told\n";
    ++$failures;
  }
}

sub slurp { join "\n", read_lines($_[0]) }

sub run {
  my ($arguments, @files) = @_;
  my $printed = `cd '$root' && '$program' $arguments 2>&1 </dev/null`;
  my $status = $? >> 8;
  die "pagetoken $arguments ended with $status:\n$printed\n" if $status > 1;
  return @files ? join "\n", map { slurp("$folder/$_") } @files : $printed;
}

# Of a schema, the names under "properties", by their indentation; what else it says is JSON Schema's.
sub properties {
  my ($file) = @_;
  my (@open, @names);
  for (read_lines("$root/$file")) {
    my ($indent, $name) = /^( *)"([^"]+)": / or next;
    pop @open while @open && $open[-1] >= length $indent;
    push @names, "\"$name\":" if @open && length($indent) == $open[-1] + 2;
    push @open, length $indent if $name eq 'properties' && /\{$/;
  }
  return "@names";
}

my $protocol = 'configs/checks/protocol.json';
check_keys('Run configuration', properties('configs/schema/run.json'), 'Guard', 'Access trace', 'docs/vm-model.md: Costs');
check_keys('Sweep', properties('configs/schema/sweep.json'), 'Run configuration');
check_keys('Summary', run('run configs/runs/revoke-race.json --json') =~ s/"config": \{.*?^  \},//msr);
run("run configs/runs/truncate-race.json --set /stop/accesses=300 --set /cluster/cache_pages=2 --trace '$folder/t.jsonl'");
check_keys('Trace of a run', slurp("$folder/t.jsonl") =~ s/"config":.*//r);
run("sweep configs/sweeps/disjoint-writers.json --only '/cluster/clients == 1' --set /stop/accesses=10 -o '$folder/s'");
check_keys('Directory of a sweep', slurp("$folder/s/sweep.json") =~ s/"sweep": \{.*?^  \}//msr);
check_keys('Directory of a sweep', slurp("$folder/s/results.jsonl") =~ s/"params":.*?\}//gr =~ s/"summary":.*//gr, 'Summary', 'Run configuration');
check_keys('Directory of a sweep', slurp("$folder/s/timings.jsonl"), 'Summary');
my $race = run("check configs/checks/fault-truncate.json --set /guard=none --json '$folder/r' --counterexample '$folder/c'", 'r');
check_keys('Result of a check', $race, 'Check', 'Run configuration', 'Guard');
check_keys('Counterexample', slurp("$folder/c"), 'Result of a check', 'Check', 'Run configuration', 'Guard');
check_keys('Result of a check', run("check $protocol --set /losses=1 --json '$folder/p'", 'p'), 'Check', 'Run configuration', 'Guard');
for (qw(coverage audit worst-case)) {
  check_keys('Result of a check', run("check --$_ $protocol --set '/bounds={\"concurrent\": 0, \"menu\": [\"load 0\"]}' --json '$folder/o'", 'o'),
             'Check', 'Run configuration', 'Guard');
}
for (glob "$root/configs/checks/*.json") { check_keys('Check', slurp($_), 'Run configuration', 'Guard'); }
for (glob "$root/protocols/*/check.json") { check_keys('check.json of a protocol', slurp($_), 'Check'); }
for (glob "$root/configs/guards/*.json") { check_keys('Guard', slurp($_), 'Run configuration'); }
open my $history, '>', "$folder/h" or die;
print $history qq({"process": 0, "op": "r", "key": "x", "value": 7, "start_ns": 0, "end_ns": 1}\n);
close $history;
check_keys('History', run("oracle '$folder/h' --json"));
print "$files files, ", $failures ? "$failures keys are not told\n" : "all keys are told\n";
exit($failures ? 1 : 0);
