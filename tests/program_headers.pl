#!/usr/bin/perl
# program_headers.pl SOURCE_DIRECTORY BUILD_DIRECTORY: what was read to compile the program, file by file as the compiler
# noted it, belongs to the packages that `./dev setup --program` installs, or to those that they depend on. Else, on a
# machine that has these alone, the program does not build. Exit code 1, and a line for each package that is missing.
use strict;
use warnings;

my ($source, $build) = @ARGV;

# The packages of kProgramPackages in the script, and all that they bring.
open my $script, '<', "$source/dev" or die "$source/dev: $!\n";
my $text = do { local $/; <$script> };
$text =~ /kProgramPackages=\((.*?)\)/s or die "dev has no kProgramPackages\n";
my @wanted = split ' ', $1;
my (%needs, %provided_by);
open my $dpkg, '-|', 'dpkg-query', '-W', '-f=${Package}\t${Depends}, ${Pre-Depends}\t${Provides}\n' or die;
while (<$dpkg>) {
  chomp;
  my ($package, $depends, $provides) = split /\t/;
  my @names = map { s/[:(\s].*//r } grep { /\S/ } map { s/^\s+//r } split /[,|]/, $depends // '';
  push @{$needs{$package}}, @names;
  push @{$provided_by{s/[:(\s].*//r}}, $package for grep { /\S/ } map { s/^\s+//r } split /,/, $provides // '';
}
my %has;
while (defined(my $package = shift @wanted)) {
  push @wanted, @{$provided_by{$package}} if !$needs{$package} && $provided_by{$package};
  next if $has{$package}++;
  push @wanted, @{$needs{$package} // []};
}

# The objects that the program is linked from, and what each was made of.
my %of_program = map { chomp; $_ => 1 } grep { /\.o$/ } `ninja -C '$build' -t inputs pagetoken`;
die "ninja knows nothing of the program in $build\n" unless %of_program;
my (%headers, $counts);
open my $deps, '-|', 'ninja', '-C', $build, '-t', 'deps' or die;
while (<$deps>) {
  if (/^(\S+): #deps/) { $counts = $of_program{$1} }
  elsif ($counts && m{^\s+(/usr/\S+)}) { $headers{$1} = 1 }
}
die "no header is known of: the program was not built in $build\n" if keys %headers < 100;

my %missing;
my @files = sort keys %headers;
while (my @some = splice @files, 0, 500) {
  open my $owners, '-|', 'dpkg-query', '-S', @some or die;
  while (<$owners>) {
    next unless m{^(.+): (/\S+)$};
    my ($packages, $file) = ($1, $2);
    my @names = map { s/:.*//r } split /, /, $packages;
    $missing{$names[0]} //= $file unless grep { $has{$_} } @names;
  }
}
print "$_: $missing{$_} is read, and ./dev setup --program does not install it\n" for sort keys %missing;
exit(%missing ? 1 : 0);
