//! Languages by their English names, which OGM and AVI have instead of codes.

/// Returns the code for a name, beside which the native one may stand: `German [Deutsch]`.
pub fn code_of(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 40] = [
        ("arabic", "ara"),
        ("basque", "eus"),
        ("bulgarian", "bul"),
        ("catalan", "cat"),
        ("chinese", "zho"),
        ("croatian", "hrv"),
        ("czech", "ces"),
        ("danish", "dan"),
        ("dutch", "nld"),
        ("english", "eng"),
        ("estonian", "est"),
        ("finnish", "fin"),
        ("french", "fra"),
        ("german", "deu"),
        ("greek", "ell"),
        ("hebrew", "heb"),
        ("hindi", "hin"),
        ("hungarian", "hun"),
        ("icelandic", "isl"),
        ("indonesian", "ind"),
        ("italian", "ita"),
        ("japanese", "jpn"),
        ("korean", "kor"),
        ("latvian", "lav"),
        ("lithuanian", "lit"),
        ("norwegian", "nor"),
        ("persian", "fas"),
        ("polish", "pol"),
        ("portuguese", "por"),
        ("romanian", "ron"),
        ("russian", "rus"),
        ("serbian", "srp"),
        ("slovak", "slk"),
        ("slovenian", "slv"),
        ("spanish", "spa"),
        ("swedish", "swe"),
        ("thai", "tha"),
        ("turkish", "tur"),
        ("ukrainian", "ukr"),
        ("vietnamese", "vie"),
    ];

    let name = name.split(['[', '(', ';']).next().unwrap_or(name).trim();
    NAMES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, code)| code)
}
