using System.CommandLine;
using Jukebox.Cpu;
using Jukebox.Models;

namespace Jukebox.Cli.Options;

/// <summary>Options that say which model runs on what.</summary>
internal sealed class MachineOptions
{
    private readonly Option<string?> _model = CommonOptions.Model();
    private readonly Option<int> _threads = new("--threads", "-t")
    {
        Description = "Threads of the processor to compute on. Results do not depend on it.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<string> _instructionSet = new("--instruction-set")
    {
        Description = "Vectors to compute with: auto, avx512, avx2 or portable.",
        DefaultValueFactory = _ => "auto",
    };

    public MachineOptions() => _instructionSet.AcceptOnlyFromAmong("auto", "avx512", "avx2", "portable");

    public void AddTo(Command command)
    {
        command.Options.Add(_model);
        command.Options.Add(_threads);
        command.Options.Add(_instructionSet);
    }

    public string ModelFolder(ParseResult result) => ModelLocator.Find(result.GetValue(_model));

    /// <summary>The model that a song was begun with, unless another folder is named (which may hold the same model).</summary>
    public string ModelOf(ParseResult result, SongDescription song) => ModelLocator.Find(result.GetValue(_model) ?? song.Model.Path);

    /// <summary>Opens the processor as asked; an explicit choice never falls back.</summary>
    public CpuBackend OpenBackend(ParseResult result)
    {
        int threads = result.GetValue(_threads);
        if (threads < 1)
        {
            throw new UsageException($"--threads {threads}: at least one thread is needed.");
        }

        CpuInstructionSet? chosen = Enum.TryParse(result.GetValue(_instructionSet), ignoreCase: true, out CpuInstructionSet set) ? set : null;
        return chosen is null || CpuOptions.Supported.Contains(chosen.Value)
            ? new CpuBackend(new CpuOptions(chosen, threads))
            : throw new CommandException($"This machine has no {chosen}: it can do {string.Join(", ", CpuOptions.Supported)}.");
    }
}
