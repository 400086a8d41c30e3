#!/usr/bin/perl
# Every document, heading and file that a comment or a document cites exists.
#
# In comments: a path that begins with one of the tree's top folders, a bare name that ends as our files do, and a document
# with a heading as in docs/vm-model.md, "Invariants"; numbers of sections are not cited, they move. In documents: links, and
# paths in backticks. A name with capitals only (NAME, DIR), an ellipsis or a * stands for others and is passed over.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use lib dirname(abs_path(__FILE__));
use document;

my $root = abs_path(dirname(abs_path(__FILE__)) . '/../..');
chdir $root or die "$root: $!\n";
my $failures = 0;

sub complain {
  print @_, "\n";
  ++$failures;
}

# All files of the tree, what is built or fetched aside.
sub files_below {
  my ($folder) = @_;
  opendir my $dir, $folder or return;
  my @found;
  for (sort readdir $dir) {
    next if /^\.\.?$/ || ($folder eq '.' && /^(build.*|\.git|demo-report)$/) || $_ eq 'node_modules';
    my $path = $folder eq '.' ? $_ : "$folder/$_";
    push @found, -d $path && !-l $path ? files_below($path) : $path;
  }
  return @found;
}

my @files = files_below('.');
my %known = map { $_ => 1 } @files;
my (%basename, %folder);
for (@files) {
  $basename{basename($_)} = 1;
  my $up = $_;
  while (($up = dirname($up)) ne '.') { $folder{$up} = 1; }
}
my $tops = '(?:' . (join '|', map { quotemeta } sort grep { !m{/} } keys %folder) . ')';

sub headings {
  my ($document) = @_;
  return map { /^#+ (.*?)\s*$/ ? ($1) : () } read_lines($document);
}

# Placeholders, programs that the build makes, and files that a document itself shows.
my %shown;
sub stands_for_others {
  return $_[0] =~ m{[*<>{}\$@]|\.\.\.|(?<![A-Za-z])[A-Z]{2,}(?![A-Za-z]|\.md)|\b(?:test|bench|fuzz)_\w+$|(?:^|/)[a-z]\.\w+$} || $shown{basename($_[0])};
}

# A path as it is written at a place: from the root, from where it is written, or as a test has it beside it.
sub exists_at {
  my ($path, $file) = @_;
  my $beside = dirname($file) . "/$path";
  1 while $beside =~ s{[^/]+/\.\./}{};
  $beside =~ s{^\./}{};
  return grep { $known{$_} || $folder{$_} } $path, $beside;
}

sub check_text {
  my ($text, $where, $file) = @_;
  while ($text =~ m{(?<![\w$/.+-])((?:[\w.+-]+/)*[\w+-]+\.md)\b(,? "([^"]+)"|,? sections? [0-9])?}g) {
    my ($document, $rest, $heading) = ($1, $2 // '', $3);
    next if stands_for_others($document);
    my ($found) = grep { $known{$_} } exists_at($document, $file);
    if (!$found) { complain("$where: there is no document $document"); next; }
    complain("$where: $document is cited by the number of a section; cite its heading") if $rest =~ /section/;
    complain("$where: $document has no heading \"$heading\"") if $heading && !grep { $_ eq $heading } headings($found);
  }
  complain("$where: \"$1\" is cited, which is no document here") if $text =~ m{((?<![\w-])V[0-9]{1,2}(?![\w.-])|protocols' reference)};
  while ($text =~ m{(?<![\w$/.+-])($tops/[\w/.+-]*\w)}g) {
    my $path = $1;
    complain("$where: there is no $path") unless stands_for_others($path) || exists_at($path, $file) || $path =~ /\.so$/;
  }
  while ($text =~ m{(?<![\w$/.+-])([a-z][\w+-]*\.(?:hpp|cpp|sbatch))\b(?!\.in)}g) {
    complain("$where: there is no file $1") unless $basename{$1} || stands_for_others($1);
  }
}

# Comments that follow each other are one text: what is cited may go on in the next line.
sub check_source {
  my ($file, $mark) = @_;
  my @lines = read_lines($file);
  my ($text, $at) = ('', 0);
  for my $i (0 .. @lines) {
    my $line = $i < @lines ? $lines[$i] : '';
    my $comment = $line =~ m{(?:^|\s)$mark+<?(?:\s+(.*))?$} ? $1 // '' : undef;
    if (defined $comment) {
      $at = $i + 1 if $text eq '';
      $text .= "$comment ";
    } else {
      check_text($text, "$file:$at", $file) if $text ne '';
      $text = '';
      check_text($line, "$file:" . ($i + 1), $file) if $line =~ m{"[^"]*\b$tops/[^"]*\.md\b} && $file !~ /\.pl$/;
    }
  }
}

sub check_document {
  my ($file) = @_;
  my ($code, $n) = (0, 0);
  my $text = '';
  for my $line (read_lines($file)) {
    ++$n;
    if ($line =~ /^```/) { $code = !$code; next; }
    next if $code;
    while ($line =~ /\]\(([^)#]*)(?:#([^)]*))?\)/g) {
      my ($target, $anchor) = ($1, $2);
      next if $target =~ m{^https?:};
      my ($found) = $target eq '' ? $file : exists_at($target, $file);
      if (!$found) { complain("$file:$n: the link $target leads nowhere"); next; }
      next unless defined $anchor;
      my @anchors = map { lc(s/[^\w\s-]//gr =~ s/ /-/gr) } headings($found);
      complain("$file:$n: $found has no heading #$anchor") unless grep { $_ eq $anchor } @anchors;
    }
    check_text($line =~ s/\]\([^)]*\)/]/gr, "$file:$n", $file);
  }
}

for my $file (grep { /\.md$/ } @files) {
  for (read_lines($file)) { $shown{$1} = 1 if /^<!-- file: (.*) -->$/; }
}
for my $file (@files) {
  next if $file =~ m{^analysis/report/bundle/|^tests/docs/long/|package-lock|^docs/.*\.svg$};
  if ($file =~ /\.md$/) { check_document($file); }
  elsif ($file =~ /\.(cpp|hpp|in|js)$/) { check_source($file, '//'); }
  elsif ($file =~ m{CMakeLists\.txt$|\.(cmake|sh|pl|pm|sbatch)$|^dev$|^\.ci/}) { check_source($file, '#'); }
}
exit($failures ? 1 : 0);
