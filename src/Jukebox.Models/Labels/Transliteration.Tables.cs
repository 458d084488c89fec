using System.Collections.Frozen;

namespace Jukebox.Models.Labels;

/// <content>
/// Where Unidecode's scheme and AnyAscii's differ. Cyrillic follows the Library of Congress (ju is iu), Greek the
/// spelling rather than the modern sound (eta is e, chi is kh), kana the systematic voicing (zi, di, du, hu), signs
/// what they look like on a typewriter (the yen is Y=).
/// </content>
public static partial class Transliteration
{
    private const string Nothing = "∅";

    private const string Basic = """
        ¢C/ £PS ¤$? ¥Y= §SS ©(c) ®(r) ·* ¼_1/4_ ½_1/2_ ¾_3/4_ ÆAE ×x
        ĸk Ŋng ŋNG ŒOE œoe
        ƍd Ǝ3 Ə@ ƕhv ƢOI ƣoi ƦYR ƩSH ƱU ƷZH ƸZH ƹzh ƻ2 ǀ| ǁ|| ǂ|= ǃ! ǝ@ ǢAE ǮZH ǼAE ǶHV ə@ ɚ@
        ʺ" ʾ` ʿ' ˇV ˊ/ ˋ\ ˎ\ ˏ/ ˘V ˚@ ẚa
        —-- ―-- ‚, „,, ‣*> ‾- ‿_ ⁃--
        ℗(p) ℠(sm) ™(tm) ℃∅ ℉∅
        ⅐_1/7_ ⅑_1/9_ ⅒_1/10_ ⅓_1/3_ ⅔_2/3_ ⅕_1/5_ ⅖_2/5_ ⅗_3/5_ ⅘_4/5_ ⅙_1/6_ ⅚_5/6_ ⅛_1/8_ ⅜_3/8_ ⅝_5/8_ ⅞_7/8_ ⅟_1/ ↉_0/3_
        ←- ↑| →- ↓| ↔- ↕| ↖\ ↗/ ↘\ ↙/
        、,_ 。._ 々" 〆/ 〉>_ 》>>_ 」]_ 『{ 』}_ 】)]_ 【[( 〔[ 〕]_ 〗]]_ 〖[[ 〘(( 〙))_ 〚[[ 〛]]_ 〜~_ 〝`` 〞'' 〟,,
        ￠/C ￡PS ￥Y=
        """;

    // Characters with several readings, where the scheme keeps one that is not the commonest.
    private const string Readings = "了Liao 么Yao 什Shi 都Du 还Huan 長Chang 长Chang 谁Shui 誰Shui 着Zhao 呆Ai";

    private const string Currency =
        "ECU CL Cr FF L mil N Pts Rs W NS D EUR K T Dr Pf P G A UAH C| L Sm T Rs L M m R l BTC";

    private const string GreekCapitals = "A B G D E Z E Th I K L M N Ks O P R ∅ S T U Ph Kh Ps O I U";

    private const string GreekSmall = "a e e i u a b g d e z e th i k l m n x o p r s s t u ph kh ps o i u o u o";

    private const string CyrillicExtensions = "Ie Io Dj Gj Ie Dz I Yi J Lj Nj Tsh Kj I U Dzh";

    private const string CyrillicCapitals =
        "A B V G D E Zh Z I I K L M N O P R S T U F Kh Ts Ch Sh Shch ' Y ' E Iu Ia";

    // Capital and small letter in turn, for the languages of Central Asia and the Caucasus.
    private const string CyrillicPairs =
        "G' g' G' g' G' g' Zh' zh' Z' z' K' k' K' k' K' k' K' k' N' n' Ng ng P' p' Kh kh S' s' T' t' U u U' u' Kh' kh' "
        + "Tts tts Ch' ch' Ch' ch' H h Ch ch Ch' ch' ` Zh zh K' k' ∅ ∅ N' n' ∅ ∅ Ch ch ∅ ∅ ∅ "
        + "A a A a Ae ae Ie ie @ @ @ @ Zh zh Z z Dz dz I i I i O o O o O o E e U u U u U u Ch ch ∅ ∅ Y y";

    private const string Kana =
        "a a i i u u e e o o ka ga ki gi ku gu ke ge ko go sa za shi zi su zu se ze so zo ta da chi di tsu tsu du te de to do "
        + "na ni nu ne no ha ba pa hi bi pi hu bu pu he be pe ho bo po ma mi mu me mo ya ya yu yu yo yo ra ri ru re ro wa wa wi we wo n vu";

    private const string KatakanaOnly = "ka ke va vi ve vo ∅ ∅ \" \"";

    private const string HalfwidthKana =
        ". [ ] , * wo a i u e o ya yu yo tu + a i u e o ka ki ku ke ko sa si su se so ta ti tu te to na ni nu ne no "
        + "ha hi hu he ho ma mi mu me mo ya yu yo ra ri ru re ro wa n : ;";

    private static readonly string[] HangulLeads = Words("g gg n d dd r m b bb s ss ∅ j jj c k t p h");

    private static readonly string[] HangulVowels = Words("a ae ya yae eo e yeo ye o wa wae oe yo u weo we wi yu eu yi i");

    private static readonly string[] HangulTails = Words("∅ g gg gs n nj nh d l lg lm lb ls lt lp lh m b bs s ss ng j c k t p h");

    private static readonly FrozenDictionary<int, string> Exceptions = BuildExceptions();

    private static FrozenDictionary<int, string> BuildExceptions()
    {
        var table = new Dictionary<int, string>
        {
            // Zero-width space, line and paragraph separators.
            [0x200B] = " ",
            [0x2028] = "\n",
            [0x2029] = "\n\n",
        };
        foreach (string entry in Basic.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            table[char.ConvertToUtf32(entry, 0)] = Replacement(entry[1..]);
        }

        foreach (string reading in Readings.Split(' '))
        {
            table[reading[0]] = reading[1..] + " ";
        }

        AddRow(table, 0x20A0, Currency);
        AddRow(table, 0x0391, GreekCapitals);
        AddRow(table, 0x03AC, GreekSmall);
        AddPairs(table, "ΆA ΈE ΉE ΊI ΌO ΎU ΏO ΐi ϒU ϓU ϔU \u037E? \u0387;");
        AddRow(table, 0x0400, CyrillicExtensions);
        AddRow(table, 0x0410, CyrillicCapitals);
        AddRow(table, 0x0430, CyrillicCapitals.ToLowerInvariant());
        AddRow(table, 0x0450, CyrillicExtensions.ToLowerInvariant());
        AddRow(table, 0x0490, CyrillicPairs);
        AddRow(table, 0x3041, Kana);
        AddRow(table, 0x30A1, Kana + " " + KatakanaOnly);
        AddPairs(table, "ゝ\" ゞ\" ゛∅ ゜∅");
        AddRow(table, 0xFF61, HalfwidthKana);
        return table.ToFrozenDictionary();
    }

    private static void AddRow(Dictionary<int, string> table, int first, string row)
    {
        foreach (string word in Words(row))
        {
            table[first++] = word;
        }
    }

    private static void AddPairs(Dictionary<int, string> table, string pairs)
    {
        foreach (string pair in pairs.Split(' '))
        {
            table[pair[0]] = Replacement(pair[1..]);
        }
    }

    private static string[] Words(string row) => Array.ConvertAll(row.Split(' '), Replacement);

    /// <summary>Underscores stand for spaces in the tables, and one sign for nothing.</summary>
    private static string Replacement(string written) => written == Nothing ? "" : written.Replace('_', ' ');
}
