#!/usr/bin/perl
# extract.pl DOCUMENT NAME [OUTPUT]: the file that a document shows under <!-- file: NAME -->, to OUTPUT or stdout.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib dirname(abs_path(__FILE__));
use document;

my ($file, $name, $output) = @ARGV;
my @lines = read_lines($file);
my ($block) = grep { $_->{file} && $_->{file}[0] eq $name } blocks_of(\@lines);
die "$file: shows no file $name\n" unless $block;
open STDOUT, '>', $output or die "$output: $!\n" if $output;
print "$_\n" for @lines[$block->{first} .. $block->{last}];
