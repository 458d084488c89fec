using System.CommandLine;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Songs.Request;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Models;

namespace Jukebox.Cli.Options;

/// <summary>Options that say which model runs on what.</summary>
internal sealed class MachineOptions
{
    private readonly Option<string?> _model = CommonOptions.Model();

    private readonly Option<int> _threads = new Option<int>("--threads", "-t")
    {
        Description = "Threads of the processor to compute on. Results do not depend on it.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    }.Within(1, 1024);

    private readonly Option<string> _instructionSet = new("--instruction-set")
    {
        Description = "Vectors to compute with: auto, avx512, avx2 or portable.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string> _device = new("--device")
    {
        Description = "What computes: cuda, cpu, auto (a CUDA device if there is one), or shadow (both, every operation compared; slow).",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<int> _ordinal = new Option<int>("--device-index")
    {
        Description = "Which CUDA device, as 'info --devices' numbers them.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    }.Within(0, 255);

    private readonly Option<string> _storage = new("--storage")
    {
        Description = "How a CUDA device stores matrices: f32, f16, bf16, or auto (f16 where the file has f32, the file's own otherwise).",
        DefaultValueFactory = _ => "auto",
    };

    public MachineOptions()
    {
        _storage.AcceptOnlyFromAmong("auto", "f32", "f16", "bf16");
        _instructionSet.AcceptOnlyFromAmong("auto", "avx512", "avx2", "portable");
        _device.AcceptOnlyFromAmong("auto", "cuda", "cpu", "shadow");
    }

    /// <summary>The options.</summary>
    public IEnumerable<Option> All => [_model, _device, _ordinal, _storage, _threads, _instructionSet];

    /// <summary>Adds the options; without the model's where the command has an argument for it.</summary>
    public void AddTo(Command command, bool withModel = true)
    {
        foreach (Option option in withModel ? All : All.Where(option => option != _model))
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Threads of the processor.</summary>
    public int Threads(ParseResult result) => result.GetValue(_threads);

    public string ModelFolder(ParseResult result) => ModelLocator.Find(result.GetValue(_model));

    /// <summary>The model that a song was begun with, unless another folder is named (which may hold the same model).</summary>
    public string ModelOf(ParseResult result, SongDescription song) => ModelLocator.Find(result.GetValue(_model) ?? song.Model.Path);

    /// <summary>Opens the device as asked. Why the automatic choice computes on the processor is said with the first news, and not before an error.</summary>
    public IBackend OpenBackend(ParseResult result, Session session) => new DeviceChoice
    {
        Kind = Enum.Parse<DeviceKind>(result.GetRequiredValue(_device), ignoreCase: true),
        Ordinal = result.GetValue(_ordinal),
        Storage = Enum.TryParse(result.GetValue(_storage), ignoreCase: true, out ElementType type) ? type : null,
        Threads = result.GetValue(_threads),
        InstructionSet = result.GetValue(_instructionSet) is "auto" ? null : result.GetValue(_instructionSet),
    }.Open(session.Terminal.Aside);
}
