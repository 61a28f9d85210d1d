//! Figures are checked on their SVG: every label inside the picture, none on another, at the sizes people use.

#[path = "support/svg.rs"]
mod svg;

use streamroot::prelude::*;
use svg::{check, fills, labels};

const ISPS: [&str; 5] = ["Arange", "Fro", "BTP", "Datch Telecam", "Olga"];
const BROWSERS: [&str; 4] = ["EarthWolf", "Iron", "Vectrice", "Swamp"];

fn text(values: &[&str]) -> Values {
    Values::Text(values.iter().map(|v| Some((*v).to_owned())).collect())
}

fn counts(dimension: &str, names: &[&str], users: &[i64]) -> Table {
    let users = Values::Int(users.iter().map(|n| Some(*n)).collect());
    Table::new(vec![Column::new(dimension, text(names)), Column::new("users", users)]).unwrap()
}

fn numbers(dimension: &str, names: &[&str], column: &str, values: &[Option<f64>], unit: Unit) -> Table {
    let values = Column::new(column, Values::Float(values.to_vec()));
    Table::new(vec![Column::new(dimension, text(names)), values]).unwrap().with_unit(column, unit).unwrap()
}

/// ISP by browser, each pair with a share.
fn pairs() -> Table {
    let isps: Vec<&str> = ISPS.iter().flat_map(|isp| [*isp; 4]).collect();
    let browsers: Vec<&str> = ISPS.iter().flat_map(|_| BROWSERS).collect();
    let shares = (0..20).map(|i| Some(f64::from(i) / 40.0)).collect();
    Table::new(vec![
        Column::new("isp", text(&isps)),
        Column::new("browser", text(&browsers)),
        Column::new("offload", Values::Float(shares)),
    ])
    .unwrap()
    .with_unit("offload", Unit::Share)
    .unwrap()
}

fn users_per_isp() -> Table {
    counts("isp", &ISPS, &[165_341, 149_789, 130_317, 45_655, 43_852])
}

fn users_per_browser() -> Table {
    counts("browser", &BROWSERS, &[283_311, 217_246, 20_970, 13_427])
}

#[test]
fn no_label_is_cut_off_or_meets_another() {
    let long = ["An internet provider with a very long name", "Short", "Télécommunications d'outre-mer", "東京", "W"];
    let many: Vec<String> = (0..200).map(|i| format!("Provider number {i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let falling: Vec<i64> = (1..=200).map(|i| 1_000_000 / i).collect();

    check("one", || users_per_isp().bar().title("Users per ISP").values().into());
    check("two", || {
        Figure::row([
            users_per_isp().bar().title("Users per ISP").palette(Blues).values(),
            users_per_browser().bar().title("Users per browser").palette(BuGn.reversed()).values(),
        ])
    });
    check("own axes", || {
        Figure::row([users_per_isp().bar().title("A"), pairs().bar().title("B")]).own_y().title("A title above both")
    });
    check("long title", || users_per_isp().bar().title(&"Half a million users ".repeat(10)).into());
    check("long names", || counts("isp", &long, &[5, 4, 3, 2, 1]).bar().values().into());
    check("twelve", || counts("isp", &many[..12], &falling[..12]).bar().values().into());
    check("two hundred", || counts("isp", &many, &falling).bar().title("All").values().into());
    check("grouped", || pairs().bar().title("Offload").values().into());
    check("stacked", || pairs().bar().stacked().title("Offload").values().into());
    check("heat", || pairs().heat().title("Offload").into());
    check("log", || users_per_browser().bar().log().values().into());
    let edges = |shift: i32| Values::Float((0..20).map(|i| Some(f64::from(i + shift) / 20.0)).collect());
    let bins = Table::new(vec![
        Column::new("from", edges(0)).with_unit(Unit::Share),
        Column::new("to", edges(1)).with_unit(Unit::Share),
        Column::new("users", Values::Int((0..20).map(|i| Some(i * 1000)).collect())),
    ])
    .unwrap();
    check("histogram", || bins.histogram().title("Offload").x_label("offload").values().into());
    let five = ["p5", "p25", "median", "p75", "p95", "mean"];
    let number = |k: usize| Values::Float((0..5).map(|i| Some((k + i) as f64 * 1e6)).collect());
    let spread = [Column::new("isp", text(&ISPS))].into_iter();
    let spread =
        spread.chain(five.iter().enumerate().map(|(k, name)| Column::new(name, number(k)).with_unit(Unit::Bytes)));
    let spread = Table::new(spread.collect()).unwrap();
    check("boxes", || Figure::row([spread.boxes().title("Bytes"), spread.boxes().title("The same")]));
    check("negative", || counts("isp", &["a", "b", "c"], &[-5, 7, -1_000_000]).bar().values().into());
}

#[test]
fn a_figure_says_what_it_can_not_draw() {
    let none = counts("isp", &[], &[]).bar().title("Nobody");
    assert!(Figure::from(none).to_svg().unwrap().contains(">no data<"));

    let odd = numbers(
        "isp",
        &["a", "b", "c", "d"],
        "mean",
        &[Some(f64::NAN), Some(f64::INFINITY), None, Some(2.0)],
        Unit::Plain,
    );
    let svg = Figure::from(odd.bar()).to_svg().unwrap();
    let said: String = labels(&svg).iter().map(|l| l.content.as_str()).collect::<Vec<_>>().join(" ");
    assert!(said.contains("can&#39;t be drawn: a (NaN), b (∞)"), "{said}");

    let below = numbers("isp", &["a", "b"], "mean", &[Some(-1.0), Some(10.0)], Unit::Plain);
    let svg = Figure::from(below.bar().log()).to_svg().unwrap();
    let said: String = labels(&svg).iter().map(|l| l.content.as_str()).collect::<Vec<_>>().join(" ");
    assert!(said.contains("can&#39;t be drawn: a (-1)"), "{said}");
}

#[test]
fn what_is_wrong_with_a_chart_is_said_where_it_is_shown() {
    let no_numbers = Table::new(vec![Column::new("isp", text(&["a"]))]).unwrap();
    for (chart, sentence) in [
        (no_numbers.bar(), "needs a column of numbers"),
        (users_per_isp().bars(&["nope"]), "there is no column \"nope\""),
        (users_per_isp().bar().order(&["Olga", "Nobody"]), "no category \"Nobody\""),
        (users_per_isp().heat(), "needs two columns of names"),
    ] {
        let error = Figure::from(chart).to_png().unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
    }
    let error = users_per_isp().bar().save("users.gif").unwrap_err().to_string();
    assert!(error.contains(".png") && error.contains(".svg"), "{error}");
}

#[test]
fn a_category_keeps_its_colour_and_its_place() {
    let few = counts("isp", &["BTP", "Arange"], &[20, 10]);
    let all = users_per_isp();
    let svg = Figure::row([all.bar(), few.bar()]).to_svg().unwrap();
    let contents: Vec<String> = labels(&svg).into_iter().map(|l| l.content).collect();
    let places = |name: &str| contents.iter().filter(|c| *c == name).count();
    for isp in ["Arange", "Fro", "BTP", "Olga"] {
        assert_eq!(places(isp), 2, "{isp} has a place in both panels: {contents:?}");
    }
    // Five bars, then two: Arange and BTP in the first panel's order.
    let fills = fills(&svg);
    assert_eq!(fills.len(), 7, "{fills:?}");
    assert_eq!((&fills[5], &fills[6]), (&fills[0], &fills[2]));
}

#[test]
fn beside_bars_a_heat_map_has_its_own_two_dimensions() {
    let svg = Figure::row([users_per_isp().bar(), pairs().heat(), users_per_browser().bar()]).to_svg().unwrap();
    let contents: Vec<String> = labels(&svg).into_iter().map(|l| l.content).collect();
    // A name of two words may stand on two lines.
    for name in ISPS.iter().chain(&BROWSERS).filter(|name| !name.contains(' ')) {
        let places = contents.iter().filter(|c| *c == name).count();
        assert_eq!(places, 2, "{name} is in its bars and on its side of the heat map: {contents:?}");
    }
}

#[test]
fn a_palette_is_given_out_in_the_order_of_the_bars() {
    let svg = Figure::from(users_per_isp().bar().palette(Blues)).to_svg().unwrap();
    let expected: Vec<String> = Blues.pick(5).into_iter().map(Color::hex).collect();
    assert_eq!(fills(&svg), expected);
    let svg = Figure::from(users_per_isp().bar().palette(Color(1, 2, 3))).to_svg().unwrap();
    assert_eq!(fills(&svg), ["#010203"; 5]);
}

#[test]
fn markup_in_names_stays_text() {
    let table = counts("isp", &["<img src=x onerror=alert(1)>", "&"], &[1, 2]);
    let svg = Figure::from(table.bar().title("</svg><script>alert(1)</script>")).to_svg().unwrap();
    assert!(!svg.contains("<img") && !svg.contains("<script"), "{svg}");
    assert!(svg.contains("&lt;img src=x onerror=alert(1)&gt;") && svg.contains(">&amp;<"));
    assert_eq!(svg.matches("</svg>").count(), 1);
    let html = table.to_html();
    assert!(!html.contains("<img") && html.contains("&lt;img src=x onerror=alert(1)&gt;"));
}

#[test]
fn png_and_svg_are_of_one_size_and_twice_as_sharp() {
    let figure = || Figure::from(users_per_isp().bar()).size(300, 200);
    let png = figure().to_png().unwrap();
    let decoded = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let info = decoded.info();
    assert_eq!((info.width, info.height), (600, 400));
    // 192 pixels an inch: twice those of CSS.
    assert_eq!(info.pixel_dims.unwrap().xppu, 7559);
    let svg = figure().to_svg().unwrap();
    assert!(svg.contains("width=\"300\" height=\"200\" viewBox=\"0 0 600 400\""));
}

#[test]
fn a_saved_figure_is_the_shown_one() {
    let path = std::env::temp_dir().join(format!("streamroot-{}.svg", std::process::id()));
    let figure = Figure::from(users_per_isp().bar());
    figure.save(path.to_str().unwrap()).unwrap();
    let saved = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(saved, figure.to_svg().unwrap());
}
