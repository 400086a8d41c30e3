#!/usr/bin/perl
# document.pm: what counts as the same output, and what a block is.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib dirname(abs_path(__FILE__));
use document;

my $failures = 0;
sub expect {
  my ($holds, $name) = @_;
  return if $holds;
  print "fails: $name\n";
  ++$failures;
}
sub same { return scalar same_output([split /\n/, $_[0]], [split /\n/, $_[1]], $_[2] || []); }

my $printed = "a\nb\nc\nb\nd";
expect(same($printed, $printed), 'all lines');
expect(!same("a\nb\nc\nb", $printed), 'the last line is missing, and nothing stands for it');
expect(!same("b\nc\nb\nd", $printed), 'the first line is missing, and nothing stands for it');
expect(same("a\n...", $printed) && same("...\nd", $printed) && same("a\n...\nd", $printed), 'ends that are shown');
expect(!same("b\n...", $printed), 'a first line that is not the first');
expect(!same("...\nc", $printed), 'a last line that is not the last');
expect(same("...\nb\nd", $printed), 'of lines that occur twice the last ones');
expect(same("...\nb\n...\nb\n...", $printed) && !same("...\nb\n...\nb\n...\nb\n...", $printed), 'as often as they occur');
expect(!same("...\nc\n...\na\n...", $printed), 'another order');
expect(!same("...\na\nc\n...", $printed), 'neighbours that are none');
expect(!same('', $printed) && same('', '') && !same('a', ''), 'nothing');
expect(same("took 3 ms", "took 17 ms", ['[0-9]+ ms']) && !same("took 3 ms", "takes 3 ms", ['[0-9]+ ms']), 'what varies');
expect(same("a  \nb", "a\nb   "), 'blanks at the end of a line');

my @lines = ('<!-- long: x -->', '<!-- exit: 2 -->', '```', '$ one \\', '  two', 'out', '$ three', '```', '', '```', '$ four', '```',
             '<!-- file: f -->', '```json', '{}', '```', '```', 'no command', '```');
my @blocks = blocks_of(\@lines);
expect(@blocks == 3, 'blocks with commands, and files');
expect($blocks[0]{long}[0] eq 'x' && $blocks[0]{exit}[0] eq '2' && !$blocks[1]{long}, 'marks are of the block below them');
expect($blocks[0]{commands}[0]{command} eq 'one   two' && $blocks[0]{commands}[1]{command} eq 'three', 'commands that go on');
expect($blocks[0]{commands}[0]{first} == 5 && $blocks[0]{commands}[0]{last} == 5, 'the lines that a command prints');
expect($blocks[2]{file}[0] eq 'f' && $blocks[2]{first} == 14 && $blocks[2]{last} == 14, 'the lines of a file');
exit($failures ? 1 : 0);
