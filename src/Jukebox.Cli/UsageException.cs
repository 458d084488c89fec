namespace Jukebox.Cli;

/// <summary>The command line asks for something that makes no sense: exit code 2. The message says what to write instead.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>A run cannot do what was asked: exit code 1. The message is one sentence that says what to do.</summary>
public sealed class CommandException(string message) : Exception(message);
