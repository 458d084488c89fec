using Jukebox.Core.Contract;

namespace Jukebox.Cpu.Spectra;

/// <summary>What every transform of one resolution needs: window, twiddles and places of frequencies, computed once in double precision.</summary>
internal sealed unsafe class SpectralPlan
{
    /// <summary>Floats of a butterfly's twiddles: cosine, sine and negated sine of three angles.</summary>
    public const int TwiddleFloats = 9;

    private readonly float[] _window, _twiddles;
    private readonly int[] _places;

    public SpectralPlan(SpectralResolution resolution)
    {
        Resolution = resolution;
        _window = GC.AllocateArray<float>(resolution.WindowLength, pinned: true);
        for (int i = 0; i < _window.Length; i++)
        {
            _window[i] = (float)(0.5 * (1 - Math.Cos(2 * Math.PI * i / _window.Length)));
        }

        _twiddles = GC.AllocateArray<float>(TwiddleFloats * ((resolution.TransformLength / 3) + 1), pinned: true);
        FillTwiddles(resolution.TransformLength);
        _places = GC.AllocateArray<int>(resolution.TransformLength + 2, pinned: true);
        FillPlaces(resolution.TransformLength);
    }

    public SpectralResolution Resolution { get; }

    /// <summary>Periodic Hann window.</summary>
    public float* Window => Pointer(_window);

    /// <summary>For each stage of four from the whole transform down, for each of its butterflies j: angles −2π·j/length · 1, 2, 3.</summary>
    public float* Twiddles => Pointer(_twiddles);

    /// <summary>
    /// Where the transform leaves frequency k and frequency −k, for each k from 0 to half the length, in order of the first:
    /// so the memory is read nearly in order.
    /// </summary>
    public int* Places
    {
        get
        {
            fixed (int* pointer = _places)
            {
                return pointer; // pinned for good
            }
        }
    }

    private static float* Pointer(float[] pinned)
    {
        fixed (float* pointer = pinned)
        {
            return pointer;
        }
    }

    /// <summary>A stage of r leaves the frequencies k ≡ q mod r, as frequencies k / r, in the q-th of r blocks.</summary>
    private static int PlaceOf(int frequency, int length)
    {
        int place = 0;
        while (length > 1)
        {
            int radix = length == 2 ? 2 : 4;
            length /= radix;
            place += frequency % radix * length;
            frequency /= radix;
        }

        return place;
    }

    private void FillPlaces(int length)
    {
        var pairs = new (int Place, int Mirrored)[(length / 2) + 1];
        for (int k = 0; k < pairs.Length; k++)
        {
            pairs[k] = (PlaceOf(k, length), PlaceOf((length - k) % length, length));
        }

        Array.Sort(pairs);
        for (int i = 0; i < pairs.Length; i++)
        {
            (_places[2 * i], _places[(2 * i) + 1]) = pairs[i];
        }
    }

    private void FillTwiddles(int transformLength)
    {
        int at = 0;
        for (int length = transformLength; length >= 4; length /= 4)
        {
            for (int j = 0; j < length / 4; j++)
            {
                for (int multiple = 1; multiple <= 3; multiple++)
                {
                    (double sine, double cosine) = Math.SinCos(-2 * Math.PI * j * multiple / length);
                    _twiddles[at++] = (float)cosine;
                    _twiddles[at++] = (float)sine;
                    _twiddles[at++] = (float)-sine;
                }
            }
        }
    }
}
