using System.CommandLine;

namespace Jukebox.Cli.Commands;

/// <summary><c>completion SHELL</c>: prints the script that makes a shell complete this program's options.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _jukebox_native() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(jukebox-native "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _jukebox_native jukebox-native
        """;

    private const string Zsh = """
        #compdef jukebox-native
        _jukebox_native() {
            local -a found
            found=("${(@f)$(jukebox-native "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found || _files
        }
        compdef _jukebox_native jukebox-native
        """;

    private const string Fish = """
        complete -c jukebox-native -a '(jukebox-native "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
        """;

    private const string Pwsh = """
        Register-ArgumentCompleter -Native -CommandName jukebox-native -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            jukebox-native "[suggest:$cursorPosition]" "$commandAst" | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    public static Command Create(Session session)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new CommandWithExample(
            "completion", "Prints a script that makes a shell complete commands and options.", "completion bash >> ~/.bashrc");
        command.Arguments.Add(shell);
        command.SetAction(result => session.Terminal.Output.WriteLine(result.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Pwsh,
        }));
        return command;
    }
}
