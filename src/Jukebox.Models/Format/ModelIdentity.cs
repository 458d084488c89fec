using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Jukebox.Core.Files;

namespace Jukebox.Models.Format;

/// <summary>
/// What tells a model from every other: a digest over a fixed list of fields, written here one by one, so that a new member of a
/// specification changes no model's identity. Version 1 is the list, order and spelling of version 0.1's <c>model.json</c>, numbers that follow from others
/// included: every song names its model by it. A field that decides what is drawn and is new is added only where it is not what was always meant.
/// </summary>
public static class ModelIdentity
{
    /// <summary>SHA-256, in hexadecimal, over every hyperparameter and the digests of the weight files.</summary>
    public static string Of(ModelDescription model)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("format", model.Format);
            json.WriteString("name", "");
            json.WriteNumber("sample_rate_hz", model.SampleRateHz);
            json.WriteStartObject("vq_vae");
            Write(json, model.VqVae);
            json.WriteEndObject();
            json.WriteStartArray("priors");
            foreach (PriorSpec prior in model.Priors)
            {
                json.WriteStartObject();
                Write(json, prior);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("defaults");
            json.WriteEndArray();
            json.WriteString("origin", "");
            json.WriteString("licence", "");
            json.WriteStartObject("files");
            IEnumerable<KeyValuePair<string, FileDigest>> weights = model.Files.Where(file => file.Key.EndsWith(".safetensors", StringComparison.Ordinal));
            foreach ((string name, FileDigest digest) in weights.OrderBy(file => file.Key, StringComparer.Ordinal))
            {
                json.WriteStartObject(name);
                json.WriteNumber("length_bytes", digest.LengthBytes);
                json.WriteString("sha256", digest.Sha256.ToLowerInvariant());
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(text.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter json, VqVaeSpec spec)
    {
        json.WriteNumber("levels", spec.Levels);
        Write(json, "downs", spec.Downs);
        Write(json, "strides", spec.Strides);
        json.WriteNumber("embedding_width", spec.EmbeddingWidth);
        json.WriteNumber("codebook_size", spec.CodebookSize);
        json.WriteNumber("width", spec.Width);
        json.WriteNumber("depth", spec.Depth);
        Write(json, "multipliers", spec.Multipliers);
        json.WriteNumber("hidden_multiplier", spec.HiddenMultiplier);
        json.WriteNumber("dilation_growth", spec.DilationGrowth);
        Write(json, "dilation_cycle", spec.DilationCycle);
        json.WriteBoolean("reverse_decoder_dilation", spec.ReverseDecoderDilation);
    }

    private static void Write(Utf8JsonWriter json, PriorSpec spec)
    {
        json.WriteNumber("level", spec.Level);
        json.WriteNumber("context_length", spec.ContextLength);
        json.WriteNumber("codebook_size", spec.CodebookSize);
        Write(json, "transformer", spec.Transformer);
        json.WriteBoolean("merged_decoder", spec.MergedDecoder);
        if (spec.Labels is { } labels)
        {
            Write(json, labels);
        }

        if (spec.UpperCodes is { } upper)
        {
            Write(json, upper);
        }

        json.WriteString("lyrics", spec.Lyrics.ToString());
        json.WriteNumber("lyrics_length", spec.LyricsLength);
        json.WriteNumber("lyrics_vocabulary", spec.LyricsVocabulary);
        if (spec.LyricsEncoder is { } encoder)
        {
            Write(json, "lyrics_encoder", encoder);
        }

        Write(json, "alignment_layer", spec.AlignmentLayer);
        Write(json, "alignment_head", spec.AlignmentHead);
        json.WriteNumber("sequence_length", spec.SequenceLength);
        json.WriteNumber("vocabulary_size", spec.VocabularySize);
        json.WriteNumber("label_length", spec.LabelLength);
    }

    private static void Write(Utf8JsonWriter json, string name, TransformerSpec spec)
    {
        json.WriteStartObject(name);
        json.WriteNumber("width", spec.Width);
        json.WriteNumber("depth", spec.Depth);
        json.WriteNumber("heads", spec.Heads);
        json.WriteNumber("attention_order", spec.AttentionOrder);
        json.WriteNumber("block_count", spec.BlockCount);
        json.WriteNumber("spread", spec.Spread);
        json.WriteNumber("attention_multiplier", spec.AttentionMultiplier);
        json.WriteNumber("mlp_multiplier", spec.MlpMultiplier);
        json.WriteBoolean("residual_scale", spec.ResidualScale);
        json.WriteNumber("state_width", spec.StateWidth);
        json.WriteNumber("hidden_width", spec.HiddenWidth);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LabelSpec spec)
    {
        json.WriteStartObject("labels");
        json.WriteNumber("generation", spec.Generation);
        json.WriteNumber("artist_count", spec.ArtistCount);
        json.WriteNumber("genre_count", spec.GenreCount);
        json.WriteNumber("max_genres", spec.MaxGenres);
        json.WriteNumber("time_bins", spec.TimeBins);
        json.WriteNumber("min_duration_seconds", spec.MinDurationSeconds);
        json.WriteNumber("max_duration_seconds", spec.MaxDurationSeconds);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, UpperCodesSpec spec)
    {
        json.WriteStartObject("upper_codes");
        json.WriteNumber("width", spec.Width);
        json.WriteNumber("depth", spec.Depth);
        json.WriteNumber("dilation_growth", spec.DilationGrowth);
        Write(json, "dilation_cycle", spec.DilationCycle);
        json.WriteBoolean("residual_scale", spec.ResidualScale);
        json.WriteNumber("hidden_multiplier", spec.HiddenMultiplier);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, int[] numbers)
    {
        json.WriteStartArray(name);
        Array.ForEach(numbers, json.WriteNumberValue);
        json.WriteEndArray();
    }

    /// <summary>A number that may not be there is then left out.</summary>
    private static void Write(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }
}
