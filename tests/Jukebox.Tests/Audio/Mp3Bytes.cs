namespace Jukebox.Tests.Audio;

/// <summary>A small MP3.</summary>
internal static class Mp3Bytes
{
    /// <summary>Samples of the tone, without the encoder's.</summary>
    public const int ToneSamples = 6400;

    /// <summary>0.4 s of a sine of 1,000 Hz at half of full scale, 16,000 Hz mono, 16 kbit/s, with LAME's tag.</summary>
    public static readonly byte[] Tone = Convert.FromBase64String(
        "//MoxAALUAMGX0EYApLJZGFfx+AAD4Pg+D58oCAIAhB8H34IHFgg53B9/BCU5QP8HDn+c0A/wI7n+hUVhFeC0Kvg2gK+Q4Vs//MoxA0QYTKwAYqgABl78TaF"
        + "oIBjsD/A8IsQZ4wixBngA4KGrRyhmhzv/JkipFTIvF7/9Eul1IGm/lQkDQlO/8Gl////MJgs//MoxAYOoMJMAcXwAAL8JDAUAoHAFmA8BSYJQWJigDjmONsC"
        + "d8h0pm5EYmG8B2YCQDRgtgmBgFyt5gDAAtNhpr3Vf3T75Od///MoxAYKEJYgAAhuHPVYR4+wZa+JbQcTfd/WyvfUltmxNv9NthbU0nbdqR6t/VpVn5g2WGEq"
        + "tV4R4+wZa+FdT7N/ZRGSvW30//MoxBgKWJYgAAgupNfyLtzLTbddbU+rt+OyGhj9KtMs/+TXbVwjx9hVr4yu3YpGafgzp1tRJatCtj2/nKN7Tdy6+0X2bbO3"
        + "//MoxCkKaJYgAAguwF1/L9kxPk/lwjx9gy18QqxbXbUfkKP0r0dXup0eOZpob/d1/0WIz2pf8t9YR4+wZa+e1enqo2dtFwmV//MoxDoJQJYgAABuHOo6ptv5"
        + "LYrZS6yesovTWy/Xpiq+eWQz1/1hHj7Blr5P8cosORsxeiri91Ut8e53XrcL2Uf1P0fy1X7+//MoxFAJ+JYgAABuVE+qInltCPH2DLXxn9KdBncraxe5+2x+"
        + "m++eFmK51NfSx9iU+6yPrr7kc2p/y1dqr/vhHj7Blr5fmup1//MoxGMJWJogAABuOK8+/u//+K6hf0WHZyadv6qbP36KmKSifjru+icQIISu+4GBgZoAI8Yf"
        + "x/JZVXOXXMLFQL/nTD6E5HBY//MoxHgLGJogAABuOEdTkrl/aenp7fdYYfhYww5nT56p6e3n+GGG6lICBcPiMH3ggNBA4XD4jB+CEEHLPlw/IQQ5c/wQ5d/D"
        + "//MoxIYJsJogAAguRBUFpCZKfCLgtSK8E9BTGMsNWg3mAeBU5jwbZAAIQCooXRWalIy8DCCQsQE6hkYT26STo/IkK1GoVRzi//MoxJoX2SqYC0PYAlV//PkV"
        + "LDE8WU//8umSjYxWamSv//zYxEoUApIKf/gUkFAKSAxpTEFNRTMuMTAwVVVVVVVVVVVVVVVV//MoxHUX8eqgAY2gAFVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
        + "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV//MoxFAAAANIAcAAAFVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
        + "VVVVVVVVVVVVVVVVVVVVVVVV");
}
