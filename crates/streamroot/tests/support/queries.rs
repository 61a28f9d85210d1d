//! Queries of the kinds that an analyst writes, put together by a generator that gives the same ones each time.

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 on below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const TEXT: [&str; 5] = ["isp", "browser", "country", "device", "note"];
const NUMBERS: [&str; 21] = [
    "p2p",
    "cdn",
    "p2p + cdn",
    "age",
    "stream",
    "p2p - cdn",
    "age * 2",
    "cdn / 1000000",
    "stream % 3",
    "-age",
    "ABS(p2p - cdn)",
    "COALESCE(age, 0)",
    "p2p / NULLIF(p2p + cdn, 0)",
    "LENGTH(browser)",
    "ROUND(p2p / 1000000, 1)",
    "CASE WHEN connected THEN 1 ELSE 0 END",
    "CASE WHEN age > 10 THEN age ELSE stream END",
    "NULLIF(age, 40)",
    "GREATEST(age, stream)",
    "FLOOR(p2p / 10000000)",
    "age % 5",
];
const COMPARE: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];
/// Expressions to group by, and the names that they are given.
const KEYS: [(&str, &str); 16] = [
    ("isp", "isp"),
    ("browser", "browser"),
    ("country", "country"),
    ("stream", "stream"),
    ("connected", "connected"),
    ("age", "age"),
    ("p2p > 0", "k1"),
    ("LOWER(country)", "k2"),
    ("stream % 2", "k3"),
    ("CASE WHEN p2p = 0 THEN 'CDN' WHEN p2p > cdn THEN 'P2P' ELSE 'mixed' END", "k4"),
    ("COALESCE(isp, 'none')", "k5"),
    ("FLOOR(cdn / 50000000)", "k6"),
    ("age % 3", "k7"),
    ("SUBSTR(browser, 1, 2)", "k8"),
    ("isp IS NULL", "k9"),
    ("device || '-' || country", "k10"),
];

fn text_value(r: &mut Random, column: &str) -> String {
    let values: &[&str] = match column {
        "isp" => &["BTP", "Fro", "Nope", "Datch Telecam"],
        "browser" => &["Iron", "Swamp"],
        "country" => &["DE", "de"],
        "device" => &["tv", "Tv"],
        _ => &["x", "a_b", "O''Neil", ""],
    };
    format!("'{}'", r.pick(values))
}

fn condition(r: &mut Random, depth: usize) -> String {
    let text = r.pick(&TEXT);
    let not = r.pick(&["", "NOT "]);
    match r.below(17) {
        0 => format!("{text} {} {}", r.pick(&["=", "<>"]), text_value(r, text)),
        1 => format!("{text} {not}IN ({}, {})", text_value(r, text), text_value(r, text)),
        2 => format!("{text} {not}LIKE '{}'", r.pick(&["%a%", "B%", "_ro", "%o", "I%n", "%_%"])),
        3 => format!("{} IS {not}NULL", r.pick(&["isp", "country", "note", "age", "p2p", "connected"])),
        4 => r
            .pick(&["connected", "NOT connected", "connected = TRUE", "connected IS NOT TRUE", "connected IS FALSE"])
            .to_owned(),
        5 => format!("{} {} {}", r.pick(&NUMBERS), r.pick(&COMPARE), r.pick(&NUMBERS)),
        6 => {
            let bytes = r.pick(&["p2p", "cdn", "p2p + cdn"]);
            format!("{bytes} {} {}", r.pick(&COMPARE), r.pick(&["1e8", "50000000", "0", "1.5e7"]))
        }
        7 => format!("age {not}BETWEEN {} AND {}", r.below(12) as i64 - 4, 8 + r.below(33)),
        8 => format!("stream {not}IN ({}, {})", 1 + r.below(8), 1 + r.below(8)),
        9 if depth < 3 => format!("({} AND {})", condition(r, depth + 1), condition(r, depth + 1)),
        10 if depth < 3 => format!("({} OR {})", condition(r, depth + 1), condition(r, depth + 1)),
        11 if depth < 3 => format!("NOT ({})", condition(r, depth + 1)),
        12 => format!("{text} {} {}", r.pick(&COMPARE), text_value(r, text)),
        13 => format!("COALESCE({text}, 'none') <> 'none'"),
        14 => format!("{} || browser = 'BTPIron'", r.pick(&["isp", "country"])),
        15 => format!("UPPER({text}) = 'DE'"),
        _ => format!("age % 2 = {}", r.below(2)),
    }
}

fn filter(r: &mut Random, percent: usize) -> String {
    if r.chance(percent) { format!(" WHERE {}", condition(r, 0)) } else { String::new() }
}

fn number_aggregate(r: &mut Random) -> String {
    let number = r.pick(&NUMBERS);
    match r.below(11) {
        0 => "COUNT(*)".to_owned(),
        1 => format!("COUNT({})", r.pick(&["isp", "country", "note", "age", "p2p"])),
        2 => format!("COUNT(DISTINCT {})", r.pick(&["isp", "country", "device", "age", "stream"])),
        3 => format!("SUM({number})"),
        4 => format!("ROUND(AVG({number}), 5)"),
        5 => format!("MIN({number})"),
        6 => format!("MAX({number})"),
        7 => format!("MEDIAN({number})"),
        // Sums in another order differ in the last digits, which must not tell who comes first.
        8 => format!("ROUND(STDDEV({number}), 5)"),
        9 => {
            format!("QUANTILE_CONT({}, {})", r.pick(&["p2p", "cdn", "p2p + cdn"]), r.pick(&["0.1", "0.5", "0.95"]))
        }
        _ => format!("SUM(CASE WHEN {} THEN 1 ELSE 0 END)", condition(r, 2)),
    }
}

fn aggregate(r: &mut Random) -> String {
    let plain = match r.below(12) {
        0 => return format!("{}({})", r.pick(&["MIN", "MAX"]), r.pick(&TEXT)),
        1 => return format!("COUNT(*) - {}", 100 + r.below(1400)),
        2 => return format!("ROUND(100.0 * COUNT(*) FILTER (WHERE {}) / COUNT(*), 2)", condition(r, 1)),
        // Without NULLIF it may be NaN, which MIN and MAX leave out in one engine and not in the other.
        3 => return "SUM(p2p) / NULLIF(SUM(p2p + cdn), 0)".to_owned(),
        4 => return format!("COALESCE({}, 0)", number_aggregate(r)),
        _ => number_aggregate(r),
    };
    let filtered =
        ["COUNT", "SUM(p", "SUM(c", "SUM(a", "AVG", "MIN", "MAX"].iter().any(|start| plain.starts_with(start));
    if filtered && r.chance(25) { format!("{plain} FILTER (WHERE {})", condition(r, 1)) } else { plain }
}

/// A query that groups, with the names of its keys and of its aggregates.
struct Grouped {
    sql: String,
    keys: Vec<&'static str>,
    aggregates: Vec<String>,
}

fn grouped(r: &mut Random) -> Grouped {
    let mut keys: Vec<(&str, &'static str)> = Vec::new();
    for _ in 0..[1, 1, 1, 2, 2, 3][r.below(6)] {
        let key = KEYS[r.below(KEYS.len())];
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let aggregates: Vec<(String, String)> = (0..1 + r.below(3)).map(|i| (aggregate(r), format!("a{i}"))).collect();
    let mut items: Vec<String> =
        keys.iter().map(|(e, name)| if e == name { (*e).to_owned() } else { format!("{e} AS {name}") }).collect();
    items.extend(aggregates.iter().map(|(e, name)| format!("{e} AS {name}")));
    let style = r.below(3);
    let by: Vec<String> = keys
        .iter()
        .enumerate()
        .map(|(i, (e, name))| match style {
            0 => (*name).to_owned(),
            1 => (i + 1).to_string(),
            _ => (*e).to_owned(),
        })
        .collect();
    let mut sql = format!("SELECT {} FROM sessions{} GROUP BY {}", items.join(", "), filter(r, 60), by.join(", "));
    if r.chance(30) {
        let of = r.pick(&["COUNT(*)", "AVG(p2p)", "SUM(cdn)", "MAX(age)"]);
        sql += &format!(" HAVING {of} {} {}", r.pick(&[">", "<", ">="]), r.pick(&["2", "10", "40", "30000000"]));
    }
    let keys = keys.into_iter().map(|(_, name)| name).collect();
    Grouped { sql, keys, aggregates: aggregates.into_iter().map(|(_, name)| name).collect() }
}

/// With an order in which no two rows are equal.
fn ordered(r: &mut Random, query: Grouped) -> String {
    let Grouped { mut sql, keys, aggregates } = query;
    if !r.chance(60) {
        return sql;
    }
    let names: Vec<&str> = aggregates.iter().map(String::as_str).chain(keys.iter().copied()).collect();
    let first = names[r.below(names.len())];
    sql += &format!(" ORDER BY {first} {}{}", r.pick(&["", "DESC", "ASC"]), r.pick(&["", "", " NULLS FIRST"]));
    for key in keys.iter().filter(|key| **key != first) {
        sql += &format!(", {key}{}", r.pick(&[" DESC", ""]));
    }
    if r.chance(50) {
        sql += &format!(" LIMIT {}", 1 + r.below(8));
        if r.chance(30) {
            sql += &format!(" OFFSET {}", r.below(4));
        }
    }
    sql
}

pub fn query(r: &mut Random) -> String {
    if r.chance(50) { plain(r) } else { unusual(r) }
}

/// A value of any type, with casts, gaps, NaN, and numbers at the ends of their types.
fn value(r: &mut Random, depth: usize) -> String {
    let number = r.pick(&NUMBERS);
    match r.below(if depth < 3 { 27 } else { 12 }) {
        0 => number.to_owned(),
        1 => r.pick(&["p2p / (p2p + cdn)", "(p2p - p2p) / (cdn - cdn)", "1 / (p2p - p2p)", "-p2p / 0"]).to_owned(),
        2 => r.pick(&["NULL", "0", "1.5", "-2.5", "0.1", "1e300", "2.25", "12345.678", "'12'", "'x'"]).to_owned(),
        3 => r.pick(&["9223372036854775807", "-9223372036854775808", "2147483647", "4611686018427387904"]).to_owned(),
        4 => format!("age * {}", r.pick(&["1", "2147483647", "4611686018427387904", "-3", "0.1", "1.05"])),
        5 => format!(
            "CAST(age AS {})",
            r.pick(&[
                "TINYINT",
                "SMALLINT",
                "INTEGER",
                "BIGINT",
                "DOUBLE",
                "VARCHAR",
                "BOOLEAN",
                "DECIMAL(9,2)",
                "UTINYINT",
                "UBIGINT",
                "FLOAT"
            ])
        ),
        6 => format!(
            "CAST(p2p / 1e6 AS {})",
            r.pick(&["SMALLINT", "INTEGER", "BIGINT", "UBIGINT", "DECIMAL(12,1)", "DECIMAL(18,4)", "FLOAT", "BOOLEAN"])
        ),
        7 => format!(
            "TRY_CAST({} AS {})",
            r.pick(&[
                "note",
                "device",
                "'1' || stream",
                "stream || '.5'",
                "'-' || age",
                "country",
                "'2020-0' || stream || '-1' || stream",
                "'2020-02-' || age"
            ]),
            r.pick(&["TINYINT", "INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "DECIMAL(5,1)"])
        ),
        8 => format!(
            "{}::{}",
            r.pick(&["connected", "stream", "1.5", "'7'", "2.5", "-0.5", "age / 2"]),
            r.pick(&["INTEGER", "VARCHAR", "DOUBLE", "BIGINT", "DECIMAL(6,3)"])
        ),
        9 => r
            .pick(&[
                "isp",
                "note",
                "UPPER(country)",
                "SUBSTR(browser, -3)",
                "LEFT(note, -1)",
                "isp || age",
                "REVERSE(device)",
                "LPAD(device, 4, '*')",
                "SPLIT_PART(isp, ' ', 2)",
                "STRPOS(isp, 'o')",
                "TRIM(note, 'x')",
                "CONCAT(isp, age, NULL)",
            ])
            .to_owned(),
        10 => r
            .pick(&[
                "age // 3",
                "-age // 4",
                "age % 0",
                "stream // 0",
                "p2p // 7",
                "-7.5 % 2",
                "age / 0",
                "age & 5",
                "stream | 8",
            ])
            .to_owned(),
        11 => {
            let time = "(TIMESTAMP '2020-02-27 22:30:15.25')";
            let date = "(DATE '2020-02-25' + CAST(age AS INTEGER))";
            let part = r.pick(&[
                "year", "quarter", "month", "week", "day", "hour", "minute", "second", "dow", "isodow", "doy", "epoch",
                "decade",
            ]);
            match r.below(5) {
                0 => format!("EXTRACT({part} FROM {})", r.pick(&[time, date])),
                1 => format!("DATE_TRUNC('{}', {})", r.pick(&["year", "quarter", "month", "week", "day"]), date),
                2 => format!(
                    "STRFTIME({date}, '{}')",
                    r.pick(&["%Y-%m-%d", "%d.%m.%y %j", "%a %b %A %B", "%H:%M:%S %p"])
                ),
                3 => format!(
                    "DATE_DIFF('{}', DATE '2019-12-30', {date})",
                    r.pick(&["day", "week", "month", "year", "quarter", "hour"])
                ),
                _ => format!("{date} - DATE '2020-01-01'"),
            }
        }
        12 => format!("{} {} {}", value(r, depth + 2), r.pick(&["+", "-", "*"]), r.pick(&NUMBERS)),
        13 => format!("CASE WHEN {} THEN {} ELSE {} END", condition(r, 2), number, r.pick(&NUMBERS)),
        14 => format!(
            "CASE WHEN age > 20 THEN CAST({} AS INTEGER) ELSE {} END",
            r.pick(&["'9' || age", "stream", "age * 1000"]),
            r.pick(&["0", "age", "NULL"])
        ),
        15 => format!(
            "COALESCE({}, {})",
            r.pick(&["age", "NULL", "NULLIF(age, 7)"]),
            r.pick(&["stream", "0", "1.5", "p2p", "-1"])
        ),
        16 => format!("{}({}, {})", r.pick(&["GREATEST", "LEAST"]), r.pick(&NUMBERS), r.pick(&NUMBERS)),
        17 => format!(
            "ROUND({}, {})",
            r.pick(&["p2p / 1e6", "age", "2.345", "-2.5", "age * 1.15", "p2p / 3"]),
            r.pick(&["0", "1", "2", "-1", "-3"])
        ),
        18 => format!(
            "{}({})",
            r.pick(&["FLOOR", "CEIL", "TRUNC", "ABS", "SIGN", "-"]),
            r.pick(&["p2p / 7", "age", "-2.5", "age * 1.5", "cdn - p2p", "-age"])
        ),
        19 => format!("({} = {})", r.pick(&NUMBERS), r.pick(&["40", "0.5", "'40'", "age", "NULL", "stream * 1.0"])),
        20 => format!(
            "{} IS {}DISTINCT FROM {}",
            r.pick(&["age", "isp", "p2p / (p2p + cdn)"]),
            r.pick(&["", "NOT "]),
            r.pick(&["NULL", "NULL"])
        ),
        21 => format!(
            "{} {} (SELECT {}(p2p) FROM sessions WHERE stream = {})",
            r.pick(&["p2p", "cdn"]),
            r.pick(&COMPARE),
            r.pick(&["AVG", "MAX", "MIN"]),
            r.below(11)
        ),
        22 => format!(
            "{} {}IN (SELECT {} FROM sessions WHERE {})",
            r.pick(&["isp", "country", "note"]),
            r.pick(&["", "NOT "]),
            r.pick(&["isp", "country", "device"]),
            condition(r, 2)
        ),
        23 => r
            .pick(&[
                "SQRT(ABS(age))",
                "LN(stream)",
                "LOG(10, stream)",
                "POWER(stream, 2)",
                "POWER(2, 0.5)",
                "EXP(stream)",
                "LOG2(stream)",
                "CBRT(p2p)",
                "LN(age)",
                "SQRT(age - 5)",
            ])
            .to_string(),
        24 => format!("NULLIF({}, {})", r.pick(&NUMBERS), r.pick(&["0", "40", "1.5", "stream"])),
        25 => condition(r, 1),
        _ => format!(
            "{} {} {}",
            r.pick(&["0.1", "0.2 * 3", "age * 0.1", "1.005"]),
            r.pick(&["+", "-", "*"]),
            r.pick(&["0.2", "1.1", "age", "0.005"])
        ),
    }
}

/// What joins pairs of rows, beside or instead of an equality.
fn residual(r: &mut Random) -> String {
    let rest = r.pick(&[
        "b.m > 20",
        "a.n < b.m",
        "a.n > 30",
        "b.k IS NOT NULL",
        "a.n % 2 = 0",
        "b.m IS NULL",
        "a.n > b.m OR a.k = b.k",
        "1 = 0",
        "a.n + b.m > 100",
    ]);
    match r.below(5) {
        0 => rest.to_owned(),
        1 => format!("a.k = b.k AND {rest} AND {}", r.pick(&["b.m < 60", "a.n <> 5"])),
        2 => r.pick(&["a.k < b.k", "a.k <> b.k", "a.k >= b.k AND b.m > 10"]).to_owned(),
        _ => format!("a.k = b.k AND {rest}"),
    }
}

/// Queries that analysts write more seldom, and engines get wrong more often.
fn unusual(r: &mut Random) -> String {
    match r.below(26) {
        24.. => {
            // Several subqueries of one row, of values some of which are not there.
            let (k, v) = (r.pick(&["stream", "isp", "browser"]), r.pick(&["age", "country", "note", "isp"]));
            let of = if r.chance(80) { format!("s.{v}") } else { "NULL".to_owned() };
            let not = r.pick(&["", "NOT "]);
            format!(
                "SELECT s.{k}, {of} {not}IN (SELECT o.{v} FROM sessions AS o WHERE o.{k} = s.{k} AND {}) AS i, \
                 (SELECT COUNT(*) FROM sessions AS o WHERE o.age = s.stream) AS n, \
                 EXISTS (SELECT 1 FROM sessions AS o WHERE o.stream = s.age AND o.isp = s.isp) AS e \
                 FROM sessions AS s WHERE {not}(s.{v} IN (SELECT o.{v} FROM sessions AS o WHERE o.{k} = s.{k} AND {}))",
                r.pick(&["o.p2p > 0", "o.age IS NOT NULL", "o.age > 30", "o.stream = 3", "TRUE"]),
                r.pick(&["o.p2p > 5e7", "o.age < 10", "o.stream < 3", "o.country IS NULL"])
            )
        }
        22.. => {
            // What WHERE says of joined tables, each condition of one of them, of both, or of neither.
            let key = r.pick(&["isp", "browser", "country", "stream", "age"]);
            let from = r.pick(&[
                "a, b",
                "a CROSS JOIN b",
                "a JOIN b ON a.k = b.k",
                "a LEFT JOIN b ON a.k = b.k",
                "a RIGHT JOIN b ON a.k = b.k",
                "a FULL JOIN b ON a.k = b.k AND b.m > 10",
                "a LEFT JOIN b USING (k)",
                "a JOIN b USING (k), (SELECT MAX(n) AS most FROM a) AS t",
            ]);
            let one = r.pick(&[
                "a.n > 20",
                "b.m > 20",
                "b.k IS NULL",
                "a.n + 1 > b.m",
                "a.k IS NOT NULL",
                "a.n = b.m",
                "2 > 1",
            ]);
            let two = r.pick(&[
                "100 // b.m > 1",
                "CAST(a.n AS TINYINT) > 3",
                "EXISTS (SELECT 1 FROM a AS c WHERE c.n = b.m)",
                "a.n IN (SELECT m FROM b)",
            ]);
            let conditions = [residual(r), one.to_owned(), two.to_owned()];
            let kept: Vec<&str> = conditions.iter().filter(|_| r.chance(60)).map(String::as_str).collect();
            let all = if kept.is_empty() {
                "TRUE".to_owned()
            } else {
                kept.iter().map(|c| format!("({c})")).collect::<Vec<_>>().join(" AND ")
            };
            format!(
                "WITH a AS (SELECT {key} AS k, COUNT(*) AS n FROM sessions{} GROUP BY {key}), \
                 b AS (SELECT {key} AS k, COUNT({}) AS m FROM sessions{} GROUP BY {key}) \
                 SELECT a.k, a.n, b.k, b.m FROM {from} WHERE {all}",
                filter(r, 60),
                r.pick(&["*", "age", "note"]),
                filter(r, 60)
            )
        }
        0..=2 => {
            let join = r.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT JOIN", "FULL OUTER JOIN"]);
            let key = r.pick(&["isp", "browser", "country", "stream", "age"]);
            let on = residual(r);
            format!(
                "WITH a AS (SELECT {key} AS k, COUNT(*) AS n FROM sessions{} GROUP BY {key}), \
                 b AS (SELECT {key} AS k, COUNT({}) AS m FROM sessions{} GROUP BY {key}) \
                 SELECT a.k, a.n, b.k, b.m FROM a {join} b ON {on}",
                filter(r, 60),
                r.pick(&["*", "age", "note"]),
                filter(r, 60)
            )
        }
        3 => {
            let (a, b) = (number_aggregate(r), number_aggregate(r));
            format!("SELECT COUNT(*) AS n FROM (SELECT {a} AS a, {b} AS b FROM sessions{}) AS t", filter(r, 60))
        }
        4 => {
            let (key, name) = KEYS[r.below(KEYS.len())];
            let used = r.pick(&["COUNT(*)", "SUM(n)", "MAX(n)", "COUNT(*) FILTER (WHERE n > 20)"]);
            format!(
                "SELECT {used} AS u FROM (SELECT {key} AS {name}, COUNT(*) AS n, {} AS unused FROM sessions GROUP BY 1) AS t",
                number_aggregate(r)
            )
        }
        5 => format!(
            "SELECT a.isp, b.browser, t.n FROM (SELECT DISTINCT isp FROM sessions{}) AS a CROSS JOIN (SELECT DISTINCT browser FROM sessions) AS b \
             CROSS JOIN (SELECT COUNT(*) AS n FROM sessions{}) AS t",
            filter(r, 50),
            filter(r, 50)
        ),
        6 => format!(
            "SELECT {}(a.p2p) AS v, COUNT(*) AS n FROM sessions AS a, (SELECT {} AS one FROM sessions) AS t{}",
            r.pick(&["SUM", "MAX", "COUNT"]),
            number_aggregate(r),
            r.pick(&["", " WHERE one IS NOT NULL", " WHERE a.age < one"])
        ),
        7 => {
            let (inner, c) = (condition(r, 1), r.pick(&["isp", "stream", "browser", "age"]));
            format!(
                "SELECT COUNT(*) AS n, {}(p2p) AS m FROM (SELECT * FROM sessions WHERE {inner}) AS sessions WHERE {c} {}IN (SELECT {c} FROM sessions WHERE {})",
                r.pick(&["MIN", "AVG"]),
                r.pick(&["", "NOT "]),
                condition(r, 1)
            )
        }
        8 => format!(
            "WITH sessions AS (SELECT * FROM sessions WHERE {}), isp AS (SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp) SELECT isp.isp, isp.n, (SELECT COUNT(*) FROM sessions) AS t FROM isp",
            condition(r, 1)
        ),
        9 => format!(
            "WITH a AS (SELECT isp, p2p FROM sessions WHERE p2p {} (SELECT {}(p2p) FROM sessions{})), b AS (SELECT isp, COUNT(*) AS n, MAX(p2p) AS m FROM a GROUP BY isp) \
             SELECT isp, n, n * 1.0 / (SELECT SUM(n) FROM b) AS part, m - (SELECT MIN(m) FROM b WHERE n > 1) AS d FROM b",
            r.pick(&COMPARE),
            r.pick(&["AVG", "MEDIAN", "MIN"]),
            filter(r, 50)
        ),
        10 => {
            let (k, v) = (r.pick(&["stream", "isp", "browser", "age"]), r.pick(&["p2p", "cdn", "age", "stream"]));
            let compare = r.pick(&COMPARE);
            format!(
                "SELECT COUNT(*) AS n FROM sessions AS s WHERE s.{v} {compare} (SELECT {}(o.{v}) FROM sessions AS o WHERE o.{k} = s.{k} AND {})",
                r.pick(&["AVG", "MAX", "MIN", "COUNT"]),
                r.pick(&["o.connected", "o.p2p > 0", "o.age IS NOT NULL", "TRUE"])
            )
        }
        11 => format!(
            "SELECT COUNT(*) AS n FROM sessions AS s WHERE {}{} {}EXISTS (SELECT 1 FROM sessions AS o WHERE o.isp = s.isp AND o.stream = s.stream AND {}) OR {}",
            r.pick(&["", "NOT "]),
            r.pick(&["connected AND", "age > 5 AND"]),
            r.pick(&["", "NOT "]),
            r.pick(&["o.age > 30", "o.p2p > 1e8", "o.note = 'x'"]),
            r.pick(&["age = 2", "isp IS NULL"])
        ),
        12..=14 => {
            let items: Vec<String> = (0..1 + r.below(3)).map(|i| format!("{} AS x{i}", value(r, 0))).collect();
            format!("SELECT {} FROM sessions{}", items.join(", "), filter(r, 40))
        }
        15 => {
            let of = value(r, 1);
            let sum = r.pick(&["COUNT", "MIN", "MAX", "SUM", "COUNT", "AVG", "MIN", "MAX"]);
            format!(
                "SELECT stream, {sum}({}{of}) AS v, COUNT(*) AS n FROM sessions{} GROUP BY stream",
                if sum == "COUNT" && r.chance(40) { "DISTINCT " } else { "" },
                filter(r, 40)
            )
        }
        16 => format!("SELECT {} AS k, COUNT(*) AS n FROM sessions{} GROUP BY k", value(r, 1), filter(r, 30)),
        17 => {
            let (a, b) = (r.pick(&["isp", "stream", "connected"]), r.pick(&["browser", "age % 3", "p2p > 0"]));
            let by = match r.below(4) {
                0 => format!("ROLLUP ({a}, {b})"),
                1 => format!("CUBE ({a}, {b})"),
                2 => format!("GROUPING SETS (({a}, {b}), ({b}), ())"),
                _ => format!("{a}, ROLLUP ({b})"),
            };
            let shown = if r.chance(30) { String::new() } else { format!("{a} AS a, {b} AS b, ") };
            format!(
                "SELECT {shown}COUNT(*) AS n, {} AS v FROM sessions{} GROUP BY {by}",
                number_aggregate(r),
                filter(r, 50)
            )
        }
        18 => {
            let (k, l) = [("isp", "browser"), ("stream", "country"), ("browser", "stream")][r.below(3)];
            let window = r.pick(&[
                "SUM(COUNT(*)) OVER ()",
                "RANK() OVER (ORDER BY COUNT(*) DESC)",
                "COUNT(*) * 1.0 / SUM(COUNT(*)) OVER (PARTITION BY k)",
                "SUM(COUNT(*)) OVER (PARTITION BY k ORDER BY l)",
                "MAX(SUM(age)) OVER (ORDER BY k, l ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
                "ROW_NUMBER() OVER (PARTITION BY l ORDER BY COUNT(*) DESC, k)",
                "LAG(COUNT(*), 2, 0) OVER (ORDER BY k, l)",
                "AVG(COUNT(*)) OVER (ORDER BY k)",
                "FIRST_VALUE(l) OVER (PARTITION BY k ORDER BY COUNT(*), l)",
                "NTILE(3) OVER (ORDER BY k, l)",
                "PERCENT_RANK() OVER (ORDER BY COUNT(*))",
            ]);
            format!(
                "SELECT {k} AS k, {l} AS l, COUNT(*) AS n, {window} AS w FROM sessions{} GROUP BY {k}, {l}",
                filter(r, 40)
            )
        }
        19 => {
            let window = r.pick(&[
                "SUM(age) OVER (PARTITION BY stream ORDER BY p2p, cdn)", "COUNT(*) OVER (ORDER BY age)", "MIN(isp) OVER (PARTITION BY browser ORDER BY age)",
                "LAST_VALUE(age) OVER (PARTITION BY isp ORDER BY p2p, cdn, ALL)", "AVG(p2p) OVER (PARTITION BY isp ORDER BY cdn, p2p, ALL ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)",
                "MAX(p2p / (p2p + cdn)) OVER (PARTITION BY stream)", "DENSE_RANK() OVER (PARTITION BY browser ORDER BY age DESC NULLS FIRST, connected)",
                "MEDIAN(p2p) OVER (PARTITION BY isp)", "COUNT(DISTINCT age) OVER (PARTITION BY isp)", "SUM(p2p) FILTER (WHERE connected) OVER (PARTITION BY isp)",
                "RANK() OVER (ORDER BY p2p / (p2p + cdn))", "LEAD(stream) OVER (PARTITION BY isp ORDER BY p2p, cdn, ALL)",
                "STDDEV(cdn) OVER (PARTITION BY stream ORDER BY cdn, p2p, ALL ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)",
            ]);
            let qualify =
                r.pick(&["", "", " QUALIFY ROW_NUMBER() OVER (PARTITION BY isp ORDER BY p2p, cdn, ALL) <= 2"]);
            // Rows that are equal in everything are the only ones without an order.
            let query = format!("SELECT isp, stream, p2p, {window} AS w FROM sessions{}{qualify}", filter(r, 40));
            query.replace("ALL", "stream, age, isp, browser, country, device, note, connected")
        }
        20 => {
            let op = r.pick(&["INTERSECT", "EXCEPT", "UNION", "UNION ALL"]);
            let other = r.pick(&["EXCEPT", "UNION", "INTERSECT"]);
            let (a, b) = (
                r.pick(&["isp, age", "browser, stream", "country, age"]),
                r.pick(&["isp, stream", "device, age", "country, 40"]),
            );
            format!(
                "SELECT {a} FROM sessions{} {op} SELECT {b} FROM sessions{} {other} SELECT {a} FROM sessions{}",
                filter(r, 50),
                filter(r, 50),
                filter(r, 80)
            )
        }
        _ => {
            let p = r.pick(&["p2p / (p2p + cdn)", "(p2p - p2p) / (cdn - cdn)", "age", "isp", "p2p / NULLIF(cdn, 0)"]);
            let (dir, nulls) = (r.pick(&["", " DESC"]), r.pick(&["", " NULLS FIRST", " NULLS LAST"]));
            format!(
                "SELECT {p} AS v, stream AS s, cdn AS c FROM sessions{} ORDER BY v{dir}{nulls}, c, s LIMIT {}",
                filter(r, 50),
                1 + r.below(60)
            )
        }
    }
}

fn plain(r: &mut Random) -> String {
    match r.below(20) {
        0..=3 => {
            let query = grouped(r);
            ordered(r, query)
        }
        4 => {
            let items: Vec<String> = (0..1 + r.below(4)).map(|i| format!("{} AS a{i}", aggregate(r))).collect();
            format!("SELECT {} FROM sessions{}", items.join(", "), filter(r, 60))
        }
        5 => {
            let g = grouped(r);
            let keys = g.keys.join(", ");
            format!("WITH g AS ({}) SELECT {keys}, {} AS v, COUNT(*) OVER () AS n FROM g", g.sql, g.aggregates[0])
        }
        6 => {
            let g = grouped(r);
            let (a, first, last) = (&g.aggregates[r.below(g.aggregates.len())], g.keys[0], g.keys[g.keys.len() - 1]);
            let window = match r.below(7) {
                0 => format!("RANK() OVER (ORDER BY {a})"),
                1 => format!("DENSE_RANK() OVER (ORDER BY {a} DESC)"),
                2 => format!("RANK() OVER (PARTITION BY {first} ORDER BY {a} DESC)"),
                3 => format!("COUNT({a}) OVER ()"),
                4 => format!("MAX({a}) OVER (PARTITION BY {first})"),
                5 => format!("COUNT({a}) OVER (PARTITION BY {last})"),
                _ => format!("MIN({a}) OVER ()"),
            };
            format!("WITH g AS ({}) SELECT {}, {window} AS w FROM g", g.sql, g.keys.join(", "))
        }
        7 => {
            let g = grouped(r);
            let (a, key) = (&g.aggregates[0], g.keys[0]);
            format!("SELECT COUNT(*) AS n, MAX({a}) AS m, COUNT({key}) AS c FROM ({}) AS t", g.sql)
        }
        8 => {
            let all = ["isp", "browser", "country", "device", "note", "stream", "connected", "age"];
            let start = r.below(all.len());
            let columns: Vec<&str> = (0..1 + r.below(3)).map(|i| all[(start + i * 3) % all.len()]).collect();
            let order: Vec<String> = columns.iter().map(|name| format!("{name}{}", r.pick(&["", " DESC"]))).collect();
            let limit = if r.chance(50) { format!(" LIMIT {}", 1 + r.below(8)) } else { String::new() };
            let (columns, order) = (columns.join(", "), order.join(", "));
            format!("SELECT DISTINCT {columns} FROM sessions{} ORDER BY {order}{limit}", filter(r, 60))
        }
        9 => {
            let items: Vec<String> = (0..1 + r.below(3)).map(|i| format!("{} AS x{i}", r.pick(&NUMBERS))).collect();
            format!("SELECT {} FROM sessions{}", items.join(", "), filter(r, 60))
        }
        10 => {
            let key = r.pick(&["isp", "browser", "country", "device", "note", "stream"]);
            let join = r.pick(&["JOIN", "LEFT JOIN"]);
            let (left, right, a) = (filter(r, 60), filter(r, 60), number_aggregate(r));
            format!(
                "SELECT a.{key} AS k, a.n, b.m FROM (SELECT {key}, COUNT(*) AS n FROM sessions{left} GROUP BY {key}) AS a \
                 {join} (SELECT {key}, {a} AS m FROM sessions{right} GROUP BY {key}) AS b ON a.{key} = b.{key}"
            )
        }
        11 => {
            let (t, u) = (r.pick(&TEXT), r.pick(&TEXT));
            let (a, b) = (r.pick(&["1", "stream"]), r.pick(&["2", "stream"]));
            let union = r.pick(&["UNION", "UNION ALL"]);
            let (left, right) = (filter(r, 60), filter(r, 60));
            format!("SELECT {t} AS v, {a} AS s FROM sessions{left} {union} SELECT {u}, {b} FROM sessions{right}")
        }
        12 => {
            let bytes = r.pick(&["p2p", "cdn"]);
            let of = format!("{}({})", r.pick(&["AVG", "MEDIAN", "MAX"]), r.pick(&["p2p", "cdn"]));
            let (compare, inner, outer) = (r.pick(&COMPARE), filter(r, 60), condition(r, 0));
            format!(
                "SELECT COUNT(*) AS n FROM sessions WHERE {bytes} {compare} (SELECT {of} FROM sessions{inner}) AND {outer}"
            )
        }
        13 => {
            let (g, total) = (grouped(r), filter(r, 60));
            let (keys, a) = (g.keys.join(", "), &g.aggregates[0]);
            format!(
                "WITH t AS (SELECT COUNT(*) AS total FROM sessions{total}), g AS ({}) \
                 SELECT {keys}, COUNT({a}) AS c, MAX(total) AS total, COUNT(*) * 100.0 / MAX(total + 1) AS part \
                 FROM g CROSS JOIN t GROUP BY {keys}",
                g.sql
            )
        }
        14 => {
            let (g, n) = (grouped(r), r.below(40));
            let keys = g.keys.join(", ");
            let a = &g.aggregates[0];
            let order = g.keys.iter().map(|key| format!("{key} DESC")).collect::<Vec<_>>().join(", ");
            format!(
                "SELECT {keys}, {a} AS b FROM ({}) AS t WHERE {a} IS NOT NULL AND {} IS NOT NULL ORDER BY {order} LIMIT {}",
                g.sql,
                g.keys[0],
                n + 1
            )
        }
        15 => {
            let (k, l) = [("isp", "browser"), ("stream", "device"), ("country", "stream")][r.below(3)];
            let (from, top) = (filter(r, 60), 1 + r.below(3));
            format!(
                "SELECT k, l, n FROM (SELECT k, l, n, ROW_NUMBER() OVER (PARTITION BY k ORDER BY n DESC, l) AS r FROM \
                 (SELECT {k} AS k, {l} AS l, COUNT(*) AS n FROM sessions{from} GROUP BY {k}, {l}) AS g \
                 WHERE k IS NOT NULL AND l IS NOT NULL) AS t WHERE r <= {top} ORDER BY k, n DESC, l"
            )
        }
        16 => {
            let (k, from) = (r.pick(&["stream", "isp", "browser"]), filter(r, 40));
            let window = r.pick(&[
                "SUM(n) OVER (ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)",
                "LAG(n) OVER (ORDER BY k)",
                "LEAD(n) OVER (ORDER BY k)",
                "ROW_NUMBER() OVER (ORDER BY n DESC, k)",
                "n * 1.0 / SUM(n) OVER ()",
                "n - AVG(n) OVER ()",
            ]);
            format!(
                "WITH g AS (SELECT {k} AS k, COUNT(*) AS n FROM sessions{from} GROUP BY {k}), h AS (SELECT * FROM g WHERE k IS NOT NULL) \
                 SELECT k, n, {window} AS w FROM h ORDER BY k"
            )
        }
        17 => {
            let (key, name) = KEYS[r.below(KEYS.len())];
            let (a, b) = (number_aggregate(r), number_aggregate(r));
            let op = r.pick(&["+", "-", "*"]);
            format!(
                "SELECT {key} AS {name}, {a} {op} {b} AS v, CASE WHEN COUNT(*) > {} THEN 'many' ELSE 'few' END AS size FROM sessions{} GROUP BY 1",
                r.below(60),
                filter(r, 60)
            )
        }
        18 => {
            let (key, outer) = (r.pick(&["stream", "isp", "age"]), condition(r, 1));
            let not = r.pick(&["", "NOT "]);
            format!(
                "SELECT COUNT(*) AS n FROM sessions AS s WHERE {outer} AND {not}EXISTS (SELECT 1 FROM sessions AS o \
                 WHERE o.{key} = s.{key} AND o.p2p > {}0000000)",
                r.below(9)
            )
        }
        _ => {
            let c = r.pick(&["stream", "isp", "browser", "age"]);
            let inner = match r.below(3) {
                0 => format!("SELECT {c} FROM sessions{}", filter(r, 100)),
                1 => format!(
                    "SELECT {c} FROM sessions{} GROUP BY {c} HAVING COUNT(*) > {}",
                    filter(r, 60),
                    5 + r.below(60)
                ),
                _ => format!("SELECT MAX({c}) FROM sessions{}", filter(r, 60)),
            };
            let (not, outer) = (r.pick(&["", "NOT "]), condition(r, 0));
            format!("SELECT COUNT(*) AS n, AVG(p2p) AS m FROM sessions WHERE {c} {not}IN ({inner}) AND {outer}")
        }
    }
}
