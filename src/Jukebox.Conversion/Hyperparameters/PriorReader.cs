using Jukebox.Core.Errors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>A prior's specification from hyperparameters and shapes.</summary>
internal sealed class PriorReader
{
    private readonly ModelPart _part;
    private readonly TensorNames _names;
    private readonly HyperparameterLookup _hyperparameters;
    private readonly bool _shapesFirst;
    private readonly VqVaeSpec? _vqvae;

    /// <summary>Prepares to read.</summary>
    /// <param name="part">The prior.</param>
    /// <param name="vqvae">The VQ-VAE that it belongs to, if it is at hand.</param>
    /// <param name="published">The published prior that it is taken for where its own hyperparameters are silent.</param>
    /// <param name="shapesFirst">Whether shapes overrule the source's hyperparameters.</param>
    public PriorReader(ModelPart part, VqVaeSpec? vqvae, PriorSpec? published, bool shapesFirst)
    {
        _part = part;
        _names = new TensorNames(part.Tensors);
        _vqvae = vqvae;
        _shapesFirst = shapesFirst;
        _hyperparameters = new HyperparameterLookup(
            part.Path, part.Hyperparameters, published is null ? null : ReferenceHyperparameters.Of(published), shapesFirst);
    }

    /// <summary>The specification of the prior as that of a level.</summary>
    public PriorSpec Read(int level)
    {
        if (_hyperparameters.Flag("copy_input", false))
        {
            throw new DamagedFileException(_part.Path, -1, "its hyperparameter 'copy_input' is set, which no published model uses", "it cannot be converted");
        }

        LyricsMode lyrics = Lyrics();
        int lyricsLength = lyrics == LyricsMode.None ? 0 : _hyperparameters.Integer("n_tokens", _names.Extent("prime_prior.pos_emb.pos_emb", 0));
        int lyricsVocabulary = lyrics == LyricsMode.None ? 0 : _hyperparameters.Integer("n_vocab", _names.Extent("prime_prior.x_emb.weight", 0));
        bool shared = lyrics == LyricsMode.SameSequence;
        int? rows = _names.Extent("prior.x_emb.weight", 0);
        int? positions = _names.Extent("prior.pos_emb.pos_emb", 0);
        return new PriorSpec
        {
            Level = level,
            ContextLength = _hyperparameters.Integer("n_ctx", shared ? positions - lyricsLength : positions),
            // A prior's own l_bins is a default that its makers never set: the VQ-VAE and the embedding tell.
            CodebookSize = _vqvae?.CodebookSize ?? (shared ? rows - lyricsVocabulary : rows) ?? throw Missing("prior.x_emb.weight"),
            Transformer = Transformer("prior", "", "prior_"),
            // Where nothing tells, a separate output matrix is one that differs from the embedding.
            MergedDecoder = _hyperparameters.Flag("merged_decoder", _part.Tensors.ContainsKey("prior.x_out.weight") && !TiedOutput.Equal(_part)),
            Labels = Labels(),
            UpperCodes = UpperCodes(),
            Lyrics = lyrics,
            LyricsLength = lyricsLength,
            LyricsVocabulary = lyricsVocabulary,
            LyricsEncoder = lyrics == LyricsMode.SeparateEncoder ? Transformer("prime_prior", "prime_", "prime_") : null,
            AlignmentLayer = _hyperparameters.OptionalInteger("alignment_layer"),
            AlignmentHead = _hyperparameters.OptionalInteger("alignment_head"),
        };
    }

    private LyricsMode Lyrics()
    {
        if (_hyperparameters.Flag("single_enc_dec", false))
        {
            return LyricsMode.SameSequence;
        }

        bool hasEncoder = _names.Any("prime_prior.");
        bool stated = _hyperparameters.Flag("use_tokens", hasEncoder) && _hyperparameters.Integer("n_tokens", null, 0) > 0;
        return (_shapesFirst ? hasEncoder : stated) ? LyricsMode.SeparateEncoder : LyricsMode.None;
    }

    private TransformerSpec Transformer(string tensors, string keys, string sizeKeys)
    {
        int? width = _names.Extent($"{tensors}.x_emb.weight", 1);
        string layer = $"{tensors}.transformer._attn_mods.0";
        return new TransformerSpec
        {
            Width = _hyperparameters.Integer($"{sizeKeys}width", width),
            Depth = _hyperparameters.Integer($"{sizeKeys}depth", _names.Count($"{tensors}.transformer._attn_mods")),
            Heads = _hyperparameters.Integer($"{keys}heads"),
            AttentionOrder = _hyperparameters.Integer($"{keys}attn_order"),
            BlockCount = _hyperparameters.Integer($"{keys}blocks", null, 1),
            Spread = _hyperparameters.Integer($"{keys}spread", null, 0),
            AttentionMultiplier = _hyperparameters.Real($"{keys}m_attn", 0.25, VqVaeReader.Ratio(_names.Extent($"{layer}.attn.c_proj.w", 0), width)),
            MlpMultiplier = _hyperparameters.Real($"{keys}m_mlp", 1, VqVaeReader.Ratio(_names.Extent($"{layer}.mlp.c_fc.w", 1), width)),
            ResidualScale = _hyperparameters.Flag($"{keys}res_scale", false),
        };
    }

    private LabelSpec? Labels()
    {
        bool present = _names.Any("y_emb.");
        if (!(_shapesFirst ? present : _hyperparameters.Flag("labels", present)))
        {
            return null;
        }

        int[]? rows = _names.Extent("y_emb.bow_genre_emb.emb.weight", 0) is { } genres && _names.Extent("y_emb.artist_emb.emb.weight", 0) is { } artists
            ? [genres, artists]
            : null;
        int[]? tables = _hyperparameters.Integers("y_bins", rows);
        if (tables is not [var genreCount, var artistCount])
        {
            throw new DamagedFileException(_part.Path, -1, "its hyperparameter 'y_bins' is not two numbers", "check where the file comes from");
        }

        bool isThird = _hyperparameters.Flag("labels_v3", artistCount != PublishedModels.Upsampler(0).Labels!.ArtistCount);
        return new LabelSpec
        {
            Generation = isThird ? 3 : 2,
            ArtistCount = artistCount,
            GenreCount = genreCount,
            MaxGenres = _hyperparameters.Integer("max_bow_genre_size", null, isThird ? 1 : 5),
            TimeBins = _hyperparameters.Integer("t_bins", _names.Extent("y_emb.total_length_emb.emb.weight", 0), 64),
            MinDurationSeconds = _hyperparameters.Real("min_duration", 0),
            MaxDurationSeconds = _hyperparameters.Real("max_duration", 600),
        };
    }

    private UpperCodesSpec? UpperCodes()
    {
        const string conditioner = "conditioner_blocks.0.cond.model";
        if (!_names.Any("conditioner_blocks."))
        {
            return null;
        }

        int? width = _names.Extent($"{conditioner}.0.weight", 0);
        return new UpperCodesSpec
        {
            Width = _hyperparameters.Integer("cond_width", width),
            Depth = _hyperparameters.Integer("cond_depth", _names.Count($"{conditioner}.1.0.blocks")),
            DilationGrowth = _hyperparameters.Integer("cond_dilation_growth_rate"),
            DilationCycle = _hyperparameters.OptionalInteger("cond_dilation_cycle"),
            ResidualScale = _hyperparameters.Flag("cond_res_scale"),
            HiddenMultiplier = _hyperparameters.Real("cond_m_conv", 1, VqVaeReader.Ratio(_names.Extent($"{conditioner}.1.0.blocks.0.model.1.weight", 0), width)),
        };
    }

    private DamagedFileException Missing(string tensor) =>
        new(_part.Path, -1, $"the tensor '{tensor}' is missing", "download or save it again, completely");
}
