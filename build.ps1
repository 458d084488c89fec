# Each switch is a plain dotnet line that one could type by hand.
param([switch]$Build, [switch]$Test, [switch]$Bench)
$ErrorActionPreference = 'Stop'
if ($Build) { dotnet build -c Release Jukebox.Native.sln }
if ($Test) { dotnet test -c Release Jukebox.Native.sln }
if ($Bench) { dotnet run -c Release --project tests/Jukebox.Benchmarks }
exit $LASTEXITCODE
