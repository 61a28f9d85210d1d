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
        4 => format!("AVG({number})"),
        5 => format!("MIN({number})"),
        6 => format!("MAX({number})"),
        7 => format!("MEDIAN({number})"),
        8 => format!("STDDEV({number})"),
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
