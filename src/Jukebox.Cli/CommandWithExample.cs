using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Jukebox.Cli;

/// <summary>A command whose help ends with a command line that works.</summary>
internal sealed class CommandWithExample(string name, string description, string example) : Command(name, description)
{
    /// <summary>Arguments and options, as they follow the program's name.</summary>
    public string Example => example;

    /// <summary>The help option of the program. Only <c>--help</c> and <c>-h</c>: the library's '/h' may be a path.</summary>
    public static HelpOption HelpOption() => new("--help", "-h") { Action = new HelpThenExample(), Description = "Show this help." };

    private sealed class HelpThenExample : SynchronousCommandLineAction
    {
        private readonly HelpAction _help = new();

        public override int Invoke(ParseResult parseResult)
        {
            int code = _help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is CommandWithExample command)
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Example:");
                output.WriteLine($"  jukebox-native {command.Example}");
            }

            return code;
        }
    }
}
