//! Which words name nothing?

/// Small words, common verbs and words of time and amount, in both languages, folded.
#[rustfmt::skip]
pub const WORDS: &[&str] = &[
    "que", "para", "por", "mas", "com", "sem", "uma", "uns", "umas", "nosso", "nossa", "nossos", "nossas", "meu",
    "minha", "meus", "minhas", "seu", "sua", "seus", "suas", "este", "esta", "estes", "estas", "esse", "essa", "isso",
    "isto", "aquele", "aquela", "ele", "ela", "eles", "elas", "nos", "voce", "voces", "quem", "qual", "quais", "onde",
    "quando", "como", "porque", "pois", "tambem", "ainda", "mais", "menos", "muito", "muita", "muitos", "muitas",
    "pouco", "pouca", "todo", "toda", "todos", "todas", "cada", "entre", "sobre", "ate", "desde", "apos", "antes",
    "depois", "durante", "hoje", "agora", "ontem", "ano", "anos", "mes", "meses", "dia", "dias", "semana", "semanas",
    "trimestre", "semestre", "ultimo", "ultimos", "ultima", "ultimas", "proximo", "proximos", "proxima", "proximas",
    "nao", "sim", "sao", "foi", "foram", "era", "tem", "temos", "tenho", "teve", "havia", "existe", "existem", "esta",
    "estao", "estamos", "fica", "ficou", "vai", "vao", "vamos", "pode", "podem", "podemos", "deve", "devem", "devemos",
    "quer", "querem", "queremos", "precisa", "precisam", "preciso", "precisamos", "faz", "fazem", "fazemos", "somos",
    "sou", "ser", "ter", "ver", "cai", "caem", "cair", "caiu", "sobe", "subiu", "sobem", "perde", "perdem", "perdeu",
    "cresce", "crescem", "responde", "respondem", "representa", "representam", "depende", "dependem", "dependemos",
    "ameaca", "ameacam", "vende", "vendem", "compra", "compram", "paga", "pagam", "entra", "entram", "sai", "saem",
    "saida", "cancela", "cancelam", "atrasa", "atrasam", "abre", "abrem", "mil", "milhao", "milhoes", "reais", "cento",
    "cerca", "quase", "apenas", "somente", "nosso", "mesmo", "mesma", "outro", "outra", "outros", "outras", "dois",
    "duas", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "hora", "empresa", "quero", "assim",
    "pelo", "pela", "pelos", "pelas", "aos", "num", "numa", "sera", "seria", "estava", "gera", "custa", "custam",
    "the", "and", "but", "for", "with", "from", "that", "this", "these", "those", "our", "ours", "their", "his", "her",
    "its", "your", "you", "they", "who", "which", "what", "when", "where", "why", "how", "are", "was", "were", "has",
    "have", "had", "will", "would", "can", "could", "should", "must", "may", "might", "not", "all", "any", "some",
    "more", "less", "most", "much", "many", "few", "each", "every", "about", "over", "under", "after", "before",
    "than", "then", "also", "only", "still", "now", "today", "year", "years", "month", "months", "week", "weeks",
    "day", "days", "quarter", "last", "next", "past", "per", "cent", "percent", "need", "needs", "want", "wants",
    "wish", "make", "makes", "take", "takes", "get", "gets", "fell", "fall", "falls", "rose", "grow", "grew", "drop",
    "lose", "loses", "lost", "losing", "keep", "keeps", "sell", "sells", "buy", "buys", "pay", "pays", "leave",
    "leaves", "left", "decide", "increase", "reduce", "does", "doing", "been", "being", "into", "out", "because",
    "since", "while", "between", "within", "without", "thousand", "million", "around", "two", "three", "four", "five",
    "six", "seven", "eight", "nine", "ten", "there", "here", "them", "company", "just", "open", "came", "come", "comes",
    "went", "goes", "cost", "costs", "stay", "stays", "spend", "run", "runs", "running", "cut", "one", "accounts",
    "threatens", "threaten", "says", "say", "depends", "depend", "arrive", "arrives", "quit", "hit", "hits", "cannot", "fill", "eat", "eats", "vence", "vencem", "switch", "rises", "parou", "dobrou",
    "chegou", "piorou", "enter", "entering", "doubles", "grows", "hire", "hires", "find", "finds",
];

/// Words that end like verbs and are none.
#[rustfmt::skip]
const NOUNS: &[&str] = &[
    "celular", "lugar", "mulher", "escolar", "hospitalar", "familiar", "lider", "auxiliar", "solar", "hangar",
    "popular", "regular", "similar", "particular", "militar", "alimentar", "odontologico", "pilar", "exemplar",
    "container", "software", "designer", "freezer", "hardware", "bilingue", "complementar", "circular", "modular",
    "speed", "feed", "seed", "greed", "exclusive", "poder", "prazer", "fazenda", "comando", "agenda", "moradia",
    "padaria", "livraria", "drogaria", "engenharia", "consultoria", "auditoria", "parceria", "pizzaria", "confeitaria",
    "sorveteria", "cervejaria", "alfaiataria", "marcenaria", "joalheria", "gelateria", "categoria", "hotelaria",
    "lavanderia", "bebida", "estrutura", "demanda", "venda", "atendimento", "mundo", "fundo", "segundo", "contrabando",
];

/// Whether a folded word looks like a form of a verb.
pub fn is_verb(word: &str) -> bool {
    const ENDS: &[&str] = &[
        "aram", "eram", "iram", "amos", "emos", "imos", "ando", "endo", "indo", "avam", "ariam", "assem", "uiu",
        "eceu", "ou",
    ];
    if NOUNS.contains(&word) || word.len() < 5 {
        return false;
    }
    let infinitive = word.len() > 5 && ["ar", "er", "ir"].iter().any(|end| word.ends_with(end)) && !english_noun(word);
    let past = word.len() > 4 && word.ends_with("ed") && !word.ends_with("eed");
    infinitive || past || ENDS.iter().any(|end| word.ends_with(end))
}

/// Words of English such as `customer` and `supplier`, which end like Portuguese verbs.
fn english_noun(word: &str) -> bool {
    const ENDS: &[&str] = &[
        "mer", "ier", "tor", "ger", "ner", "yer", "ker", "ower", "uer", "ever", "tter", "ster", "llar", "lder", "pper",
        "wer", "nter", "rder", "pair", "ular", "aner", "oper", "aper", "over", "iver", "ather", "other", "izer",
    ];
    ENDS.iter().any(|end| word.ends_with(end)) && word != "vender"
}
