//! Each mark is checked on its SVG: what is drawn is as large as the data says, and no label is on another.

#[path = "support/svg.rs"]
mod svg;

use streamroot::prelude::*;
use svg::{boxes, check, labels, numbers, points, texts};

fn text(values: &[&str]) -> Values {
    Values::Text(values.iter().map(|v| Some((*v).to_owned())).collect())
}

fn floats(values: &[f64]) -> Values {
    Values::Float(values.iter().map(|v| Some(*v)).collect())
}

fn table(columns: &[(&str, Values)]) -> Table {
    Table::new(columns.iter().map(|(name, values)| Column::new(name, values.clone())).collect()).unwrap()
}

fn svg_of(chart: Chart) -> String {
    Figure::from(chart).to_svg().unwrap()
}

/// A day and a half, an hour a row, of which three are missing.
fn hours() -> Table {
    let hour = |i: usize| format!("2020-03-0{} {:02}:00:00", 1 + i / 24, i % 24);
    let value = |i: usize| (!(20..23).contains(&i)).then(|| 5.0 + (i as f64 / 4.0).sin());
    table(&[
        ("hour", Values::Text((0..36).map(|i| Some(hour(i))).collect())),
        ("level", Values::Float((0..36).map(value).collect())),
    ])
}

/// Two names, each with three numbers.
fn long() -> Table {
    table(&[
        ("day", Values::Int([1, 2, 4, 1, 2, 4].map(Some).into())),
        ("isp", text(&["Fro", "Fro", "Fro", "Olga", "Olga", "Olga"])),
        ("load", floats(&[10.0, 20.0, 40.0, 30.0, 20.0, 10.0])),
    ])
}

fn shares() -> Table {
    table(&[
        ("isp", text(&["Arange", "Fro", "Datch Telecam"])),
        ("sessions", Values::Int([100, 50, 10].map(Some).into())),
        ("with P2P", floats(&[0.5, 0.4, 0.2])),
        ("low", floats(&[0.45, 0.3, 0.05])),
        ("high", floats(&[0.55, 0.5, 0.45])),
    ])
    .with_unit("with P2P", Unit::Share)
    .unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 2.5
}

#[test]
fn no_label_of_any_mark_is_cut_off_or_meets_another() {
    check("line", || long().line().title("Load").rule(25.0, "a rule with a text").values().into());
    check("time", || hours().line().title("Level").note_at(0, 5.0, "the start").into());
    check("area", || long().area().stacked().title("Load").band(20.0, 30.0, "a band").into());
    check("dots", || long().dots("day", "load").color_by("isp").size_by("load").title("Load").into());
    check("dots of names", || long().dots("isp", "load").color_by("load").note_at("Fro", 40.0, "the most").into());
    check("intervals", || shares().intervals().title("With P2P").rule(0.5, "half").into());
    check("bars with intervals", || shares().bar().values().title("With P2P").rule(0.5, "half").into());
    check("lying", || shares().bar().horizontal().values().title("With P2P").rule(0.4, "two fifths").into());
    check("dumbbell", || shares().dumbbell(&["low", "high"]).title("From low to high").into());
    check("facets", || long().bar().facet("isp").title("Load by ISP").rule(20.0, "a rule").into());
    check("print", || long().bar().title("Load").theme(Print).into());
    let names: Vec<String> = (0..9).map(|i| format!("A provider with the number {i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let many = table(&[("isp", text(&names)), ("users", Values::Int((1..10).map(|i| Some(i * 1_000)).collect()))]);
    check("long names", || many.bar().horizontal().values().into());
}

#[test]
fn a_line_has_gaps_and_stands_where_its_numbers_are() {
    let lines = points(&svg_of(hours().line()), "polyline");
    assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [20, 13], "hours 0 to 19 and 23 to 35");
    let svg = svg_of(long().line().palette([Color(1, 2, 3), Color(4, 5, 6)]));
    let [fro, olga] = points(&svg, "polyline").try_into().unwrap_or_else(|lines| panic!("two lines, not {lines:?}"));
    // Days 1, 2 and 4: the second step is twice as wide. Loads 10, 20, 40: it rises twice as far.
    assert!(close((fro[2].0 - fro[1].0) / 2.0, fro[1].0 - fro[0].0), "{fro:?}");
    assert!(close((fro[1].1 - fro[2].1) / 2.0, fro[0].1 - fro[1].1), "{fro:?}");
    assert!(close(fro[1].1, olga[1].1) && close(fro[0].1, olga[2].1), "{fro:?} {olga:?}");
}

#[test]
fn a_time_axis_says_the_date_once() {
    let texts = texts(&svg_of(hours().line()));
    let times: Vec<&String> = texts.iter().filter(|text| text.contains(':') || text.contains("Mar")).collect();
    assert!(times.iter().any(|text| *text == "Mar 1, 00:00") && times.iter().any(|text| *text == "Mar 2"), "{times:?}");
    assert_eq!(times.iter().filter(|text| text.contains("Mar")).count(), 2, "{times:?}");
}

#[test]
fn areas_on_top_of_each_other_add_up() {
    let svg = svg_of(long().area().stacked());
    let areas = points(&svg, "polygon");
    assert_eq!(areas.len(), 2);
    let tall = |area: &[(f64, f64)]| {
        let x = area.iter().map(|p| p.0).fold(f64::MAX, f64::min);
        let ys: Vec<f64> = area.iter().filter(|p| close(p.0, x)).map(|p| p.1).collect();
        ys.iter().copied().fold(f64::MIN, f64::max) - ys.iter().copied().fold(f64::MAX, f64::min)
    };
    // On day 1 it is 10 of Fro and 30 of Olga.
    assert!(close(tall(&areas[0]), tall(&areas[1]) / 3.0), "{} {}", tall(&areas[0]), tall(&areas[1]));
}

#[test]
fn each_row_is_a_dot() {
    let svg = svg_of(long().dots("day", "load").color_by("isp"));
    assert_eq!(numbers(&svg, "circle", "cx").len(), 6);
    let texts = texts(&svg);
    assert!(texts.contains(&"Fro".to_owned()) && texts.contains(&"ISP".to_owned()), "{texts:?}");
    // A number as colour, in round steps.
    let stepped = svg::texts(&svg_of(long().dots("day", "load").color_by("load")));
    assert!(stepped.contains(&"10 to 20".to_owned()) && stepped.contains(&"30 to 40".to_owned()), "{stepped:?}");
    let sized = numbers(&svg_of(long().dots("day", "load").size_by("load")), "circle", "r");
    assert!(
        sized.iter().copied().fold(f64::MIN, f64::max) > 2.0 * sized.iter().copied().fold(f64::MAX, f64::min) * 0.7
    );
    for (chart, sentence) in [
        (long().dots("day", "isp"), "it has no numbers"),
        (long().dots("nope", "load"), "no column \"nope\""),
        (long().dots("day", "load").color_by("nope"), "no column \"nope\""),
        (long().bar().color_by("isp"), "begin with `.dots(x, y)`"),
    ] {
        let error = Figure::from(chart).to_svg().unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn numbers_below_can_be_logarithmic() {
    let table = |at: &[f64]| {
        let values: Vec<f64> = (0..at.len()).map(|i| 5.0 + i as f64).collect();
        table(&[("bytes", floats(at)), ("load", floats(&values))]).with_unit("bytes", Unit::Bytes).unwrap()
    };
    let five = table(&[0.0, 1e3, 1e5, 1e7, -1.0]);
    for chart in [five.dots("bytes", "load").log_x().color_by("load"), five.dots("bytes", "load").log_x()] {
        let svg = svg_of(chart);
        let mut at = numbers(&svg, "circle", "cx");
        at.sort_by(f64::total_cmp);
        assert!(at.len() == 3 && close(at[1] - at[0], at[2] - at[1]), "{at:?}");
        let texts = texts(&svg);
        assert!(texts.contains(&"1 kB".to_owned()) && texts.contains(&"10 MB".to_owned()), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("2 at 0 or below")), "{texts:?}");
    }
    let line = &points(&svg_of(table(&[1.0, 10.0, 100.0]).line().log_x()), "polyline")[0];
    assert!(close(line[1].0 - line[0].0, line[2].0 - line[1].0), "{line:?}");
    let noted = svg_of(five.dots("bytes", "load").log_x().note_at(0, 5.0, "nowhere").note_at(1000, 5.0, "somewhere"));
    assert!(noted.contains("somewhere") && !noted.contains("NaN") && !noted.contains("inf"), "{noted}");
    for (chart, sentence) in [
        (shares().bar().log_x(), "leave out `.log_x()`"),
        (hours().line().log_x(), "times have no logarithmic axis"),
        (long().dots("isp", "load").log_x(), "leave out `.log_x()`"),
    ] {
        let error = Figure::from(chart).to_svg().unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn an_interval_is_drawn_around_its_value_not_in_its_place() {
    let svg = svg_of(shares().bar().values().palette(Color(1, 2, 3)));
    let texts = texts(&svg);
    assert!(texts.contains(&"50.00 %".to_owned()) && !texts.contains(&"55.00 %".to_owned()), "{texts:?}");
    let bars = boxes(&svg, "#010203");
    let whiskers: Vec<(f64, f64, f64, f64)> =
        boxes(&svg, "#262626").into_iter().filter(|(left, _, right, _)| right - left <= 4.0).collect();
    assert_eq!((bars.len(), whiskers.len()), (3, 3));
    for ((share, low, high), (bar, whisker)) in
        [(0.5, 0.45, 0.55), (0.4, 0.3, 0.5), (0.2, 0.05, 0.45)].into_iter().zip(bars.iter().zip(&whiskers))
    {
        let unit = (bar.3 - bar.1) / share;
        assert!(
            close(bar.3 - whisker.1, unit * high) && close(bar.3 - whisker.3, unit * low),
            "{share} {bar:?} {whisker:?}"
        );
    }
    // Dots with the same.
    assert_eq!(numbers(&svg_of(shares().intervals()), "circle", "r").len(), 3);
}

#[test]
fn bars_that_lie_are_as_long_as_their_values() {
    let svg = svg_of(shares().bars(&["with P2P"]).horizontal().palette(Color(1, 2, 3)));
    let long: Vec<f64> = boxes(&svg, "#010203").iter().map(|(left, _, right, _)| right - left).collect();
    assert!(close(long[1], long[0] * 0.8) && close(long[2], long[0] * 0.4), "{long:?}");
    let labels = labels(&svg);
    let end = |name: &str| labels.iter().find(|label| label.content == name).map(|label| label.corners[1].0).unwrap();
    assert!(close(end("Arange"), end("Datch Telecam")), "names end where the bars begin");
}

#[test]
fn small_multiples_have_axes_and_legend_in_common() {
    let three = table(&[
        ("stream", text(&["one", "one", "one", "one", "two", "two"])),
        ("isp", text(&["Fro", "Fro", "Olga", "Olga", "Fro", "Fro"])),
        ("browser", text(&["Iron", "Swamp", "Iron", "Swamp", "Iron", "Swamp"])),
        ("load", floats(&[10.0, 40.0, 20.0, 30.0, 10.0, 20.0])),
    ]);
    let svg = svg_of(three.bar().facet("stream").palette([Color(1, 2, 3), Color(4, 5, 6)]));
    let texts = texts(&svg);
    let count = |text: &str| texts.iter().filter(|t| *t == text).count();
    assert_eq!((count("one"), count("two"), count("Iron"), count("Swamp")), (1, 1, 1, 1), "{texts:?}");
    // Without the swatch of the legend, which is first: Fro's 10 in both charts, Olga's 20 in one.
    let tall: Vec<f64> = boxes(&svg, "#010203")[1..].iter().map(|(_, top, _, bottom)| bottom - top).collect();
    assert_eq!(tall.len(), 3);
    assert!(close(tall[0], tall[2]) && close(tall[1], 2.0 * tall[0]), "{tall:?}");
    // What a chart lacks changes no colour: Swamp is the second in the legend, and in the chart that has it alone.
    let part = table(&[
        ("stream", text(&["one", "one", "two"])),
        ("isp", text(&["Fro", "Fro", "Fro"])),
        ("browser", text(&["Iron", "Swamp", "Swamp"])),
        ("load", floats(&[10.0, 20.0, 20.0])),
    ]);
    let svg = svg_of(part.bar().facet("stream").palette([Color(1, 2, 3), Color(4, 5, 6)]));
    assert_eq!((boxes(&svg, "#010203").len(), boxes(&svg, "#040506").len()), (2, 3));
    for chart in
        [part.area().stacked().facet("stream"), part.line().facet("stream"), part.bar().stacked().facet("stream")]
    {
        svg_of(chart);
    }
    let error = Figure::row([three.bar().facet("stream"), shares().bar()]).to_svg().unwrap_err().to_string();
    assert!(error.contains("take it out of the row"), "{error}");
    for (by, width, low) in [("isp", 160, 200), ("stream", 160, 150), ("browser", 300, 80)] {
        let error = Figure::from(three.bar().facet(by).size(width, low)).to_svg().unwrap_err().to_string();
        let height = error.strip_suffix(" points").and_then(|error| error.rsplit(' ').next()).unwrap();
        svg_of(three.bar().facet(by).size(width, height.parse().unwrap()));
    }
    let error = Figure::from(three.bar().facet("nope")).to_svg().unwrap_err().to_string();
    assert!(error.contains("no column \"nope\""), "{error}");
}

#[test]
fn a_verb_may_stand_before_a_facet_or_behind_it() {
    let three = || {
        let rows = |i: usize| (["one", "two"][i / 6], ["Fro", "Olga", "BTP"][i % 3], ["Iron", "Swamp"][i / 3 % 2]);
        let column = |name: fn((&'static str, &'static str, &'static str)) -> &'static str| {
            text(&(0..11).map(|i| name(rows(i))).collect::<Vec<_>>())
        };
        table(&[
            ("stream", column(|row| row.0)),
            ("isp", column(|row| row.1)),
            ("browser", column(|row| row.2)),
            ("load", floats(&(0..11).map(|i| 10.0 + f64::from(i * i % 7)).collect::<Vec<_>>())),
        ])
        .bar()
    };
    let verbs: [fn(Chart) -> Chart; 14] = [
        |chart| chart.top(2),
        |chart| chart.title("a title"),
        |chart| chart.x_label("across"),
        |chart| chart.y_label("up"),
        |chart| chart.palette(BuGn),
        |chart| chart.order(&["Olga", "BTP"]),
        Chart::values,
        Chart::stacked,
        Chart::horizontal,
        Chart::log,
        |chart| chart.size(900, 500),
        |chart| chart.theme(Dark),
        |chart| chart.rule(12.0, "a rule").band(1.0, 2.0, "a band"),
        |chart| chart.note_at("Fro", 12.0, "a note"),
    ];
    for (i, verb) in verbs.iter().enumerate() {
        let (before, behind) = (svg_of(verb(three()).facet("stream")), svg_of(verb(three().facet("stream"))));
        assert!(before == behind, "verb {i}");
        assert!(before != svg_of(three().facet("stream")), "verb {i} does nothing");
        for (j, other) in verbs.iter().enumerate() {
            // The label of an axis goes with what is on it, and a text is put where others have left room.
            if matches!((i, j), (2 | 3, 8) | (8, 2 | 3) | (12, 13) | (13, 12)) || i == j {
                continue;
            }
            let (before, behind) = (verb(other(three()).facet("stream")), other(verb(three()).facet("stream")));
            let said = |chart| Figure::from(chart).to_svg().map_err(|error| error.to_string());
            assert!(said(before) == said(behind), "verbs {i} and {j}");
        }
    }
    let error = Figure::from(three().order(&["nobody"]).facet("stream")).to_svg().unwrap_err().to_string();
    assert!(error.contains("no category \"nobody\"") && error.contains("Fro, Olga, BTP"), "{error}");
    let drawn = Figure::draw(300, 200, |_| Ok(())).facet("stream");
    let error = Figure::from(drawn).to_svg().unwrap_err().to_string();
    assert!(error.contains("once for each facet"), "{error}");
}

#[test]
fn a_rule_is_at_its_value() {
    let svg =
        svg_of(shares().bars(&["with P2P"]).palette(Color(1, 2, 3)).rule(0.4, "two fifths").band(0.1, 0.2, "low"));
    let bars = boxes(&svg, "#010203");
    let rule = boxes(&svg, "#595959");
    assert!(rule.len() > 20 && rule.iter().all(|dash| close((dash.1 + dash.3) / 2.0, bars[1].1)), "Fro has 0.4");
    let band = boxes(&svg, "#8c8c8c").into_iter().find(|(_, top, _, bottom)| bottom - top > 10.0).unwrap();
    assert!(close(band.1, bars[2].1), "Datch Telecam has 0.2");
    assert!(texts(&svg).contains(&"two fifths".to_owned()) && texts(&svg).contains(&"low".to_owned()));
}

#[test]
fn a_note_covers_no_dot_where_there_is_room() {
    // A row of dots above the place, where a note stands if nothing is in its way.
    let (mut at, mut load) = (vec![5.0], vec![5.0]);
    for i in 0..40 {
        at.push(4.0 + f64::from(i) / 20.0);
        load.push(5.4);
    }
    at.extend([0.0, 10.0]);
    load.extend([0.0, 10.0]);
    let dots = table(&[("day", floats(&at)), ("load", floats(&load))]).dots("day", "load");
    let svg = svg_of(dots.note_at(5.0, 5.0, "here it is"));
    let note = labels(&svg).into_iter().find(|label| label.content == "here it is").unwrap();
    let [(left, bottom), _, (right, top), _] = note.corners;
    for (x, y) in numbers(&svg, "circle", "cx").into_iter().zip(numbers(&svg, "circle", "cy")) {
        let inside = (left..right).contains(&x) && (top..bottom).contains(&y);
        assert!(!inside, "{x}, {y} is below {note:?}");
    }
}

#[test]
fn themes_change_the_page_and_the_type() {
    let size = |svg: &str| numbers(svg, "text", "font-size").into_iter().fold(0.0, f64::max);
    let (light, dark) = (svg_of(long().bar().title("A")), svg_of(long().bar().title("A").theme(Dark)));
    let print = svg_of(long().bar().title("A").theme(Print));
    assert!(!boxes(&light, "#ffffff").is_empty() && !boxes(&dark, "#111111").is_empty());
    assert!(boxes(&dark, "#ffffff").is_empty() && !dark.contains("#262626"));
    assert!(size(&print) > 1.3 * size(&light) && size(&dark) == size(&light));
}

// ------------------------------------------------------------------------------------------------ what went wrong once

#[test]
fn of_repeated_keys_none_is_lost() {
    let twice = |values: Values| table(&[("isp", text(&["a", "a"])), ("browser", text(&["u", "u"])), ("n", values)]);
    for chart in [twice(floats(&[1.0, 2.0])).bar(), twice(floats(&[1.0, 2.0])).heat()] {
        let error = Figure::from(chart).to_svg().unwrap_err().to_string();
        assert!(error.contains("\"u\" of \"a\" stands in more than one row"), "{error}");
    }
    // Counts add up, and other whole numbers do not: they may be the largest of something.
    let whole = twice(Values::Int(vec![Some(1), Some(2)]));
    let svg = svg_of(whole.with_unit("n", Unit::Count).unwrap().heat());
    assert!(texts(&svg).contains(&"3".to_owned()), "{svg}");
    for chart in [whole.heat(), whole.bar(), whole.picked(&["isp", "n"]).unwrap().bar()] {
        let error = Figure::from(chart).to_svg().unwrap_err().to_string();
        assert!(error.contains("stands in more than one row"), "{error}");
    }
    let oldest = table(&[("isp", text(&["a", "b", "c"])), ("oldest", Values::Int([89, 88, 80].map(Some).into()))]);
    let written = texts(&svg_of(oldest.bar().top(1)));
    assert!(
        written.contains(&"the 1 largest of 3".to_owned()) && !written.contains(&"other (2)".to_owned()),
        "{written:?}"
    );
    let error = table(&[("day", text(&["a", "a"])), ("load", floats(&[1.0, 2.0]))]).line();
    let error = Figure::from(error).to_svg().unwrap_err().to_string();
    assert!(error.contains("\"a\" stands in more than one row"), "{error}");
}

#[test]
fn the_largest_of_stacks_have_the_largest_sums() {
    let stacks = table(&[
        ("isp", text(&["big1", "big1", "even", "even"])),
        ("browser", text(&["u", "v", "u", "v"])),
        ("users", Values::Int([60, 0, 50, 50].map(Some).into())),
    ])
    .with_unit("users", Unit::Count)
    .unwrap();
    for chart in [stacks.bar().stacked().top(1), stacks.bar().top(1).stacked()] {
        let texts = texts(&svg_of(chart));
        assert!(texts.contains(&"even".to_owned()) && texts.contains(&"other (1)".to_owned()), "{texts:?}");
    }
    for chart in [stacks.bar().stacked().log(), stacks.bar().log().stacked(), stacks.area().stacked().log()] {
        let error = Figure::from(chart).to_svg().unwrap_err().to_string();
        assert!(error.contains("no length on a logarithmic axis"), "{error}");
    }
}

#[test]
fn no_two_ticks_read_the_same() {
    for (unit, values) in [
        (Unit::Plain, [1e-7, 3e-7, 2e-7]),
        (Unit::Plain, [999_999_999.0, 1_000_000_001.0, 1_000_000_000.0]),
        (Unit::Count, [999_999_999.0, 1_000_000_001.0, 1_000_000_000.0]),
        (Unit::Share, [1e-5, 2e-5, 4e-5]),
        (Unit::Share, [1e-9, 2e-9, 4e-9]),
        (Unit::Bytes, [1e12, 1e12 + 3.0, 1e12 + 5.0]),
    ] {
        let table = table(&[("isp", text(&["a", "b", "c"])), ("value", floats(&values))]);
        let table = table.with_unit("value", unit).unwrap();
        for (name, chart) in [("bar", table.bar()), ("line", table.line()), ("log", table.line().log())] {
            let svg = svg_of(chart);
            // Tick labels are those that end at one place left of the axis.
            let mut ticks: Vec<String> = labels(&svg)
                .into_iter()
                .map(|label| label.content)
                .filter(|text| text.starts_with(|c: char| c.is_ascii_digit()))
                .collect();
            ticks.sort();
            let all = ticks.len();
            ticks.dedup();
            assert!(all > 1 && ticks.len() == all, "{name} of {unit:?} {values:?}: {ticks:?}");
        }
    }
}

#[test]
fn a_very_long_cell_is_cut() {
    let long = table(&[("isp", text(&[&"x".repeat(65_536), "b"])), ("load", floats(&[1.0, 2.0]))]);
    for shown in [long.to_string(), long.to_html()] {
        assert!(shown.len() < 2_000 && shown.contains("xxx…"), "{} characters", shown.len());
    }
    svg_of(long.bar());
}

#[test]
fn whole_numbers_keep_their_digits() {
    let ids = [9_007_199_254_740_993, 9_007_199_254_740_992, i64::MAX];
    let table = table(&[("id", Values::Int(ids.map(Some).into())), ("load", floats(&[1.0; 3]))]);
    let shown = table.to_string();
    for id in ["9,007,199,254,740,993", "9,007,199,254,740,992", "9,223,372,036,854,775,807"] {
        assert!(shown.contains(id), "{shown}");
    }
}

/// The widths and heights of all boxes but the paper's.
fn sizes(svg: &str) -> Vec<(f64, f64)> {
    let length = |rect: &str, name: &str| -> f64 {
        let (_, after) = rect.split_once(&format!(" {name}=\"")).unwrap();
        after.split('"').next().unwrap().parse().unwrap()
    };
    svg.split("<rect ")
        .skip(2)
        .map(|rect| format!(" {rect}"))
        .map(|rect| (length(&rect, "width"), length(&rect, "height")))
        .collect()
}

#[test]
fn whatever_is_there_is_seen() {
    let bar = svg_of(table(&[("name", text(&["a", "b", "c"])), ("value", floats(&[1e6, 2.0, 1.0]))]).bar());
    assert!(sizes(&bar).iter().all(|(width, height)| *width >= 1.0 && *height >= 1.0), "{bar}");
    // More bins than pixels: one of a thousand has something in it.
    for bins in [100_usize, 2_000, 9_000] {
        let edge = |i: usize| Values::Float((0..bins).map(|bin| Some((bin + i) as f64)).collect());
        let users = Values::Int((0..bins).map(|bin| Some(if bin == bins / 2 { 1_000 } else { 0 })).collect());
        let svg = svg_of(table(&[("from", edge(0)), ("to", edge(1)), ("users", users)]).histogram());
        let tall = sizes(&svg).into_iter().filter(|(width, height)| *height > 400.0 && *width < 20.0).count();
        assert!(tall >= 1, "{bins}");
    }
    let one = table(&[("x", floats(&[1.0, 3.0, 5.0])), ("y", Values::Float(vec![Some(1.0), None, Some(3.0)]))]);
    assert!(svg_of(one.area()).matches("<circle").count() == 2);
}

#[test]
fn dots_over_names_go_with_their_names() {
    let rows = table(&[
        ("n", text(&["x", "x", "y", "z", "z"])),
        ("v", floats(&[1.0, 4.0, 2.0, 3.0, 5.0])),
        ("c", text(&["p", "q", "p", "q", "q"])),
        ("g", text(&["1", "1", "2", "2", "2"])),
    ]);
    // From left to right, each column's dots from the highest down.
    let columns = |chart: Chart| {
        let svg = svg_of(chart);
        let place = |circle: &str, name: &str| -> i64 {
            circle.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().parse().unwrap()
        };
        let mut dots: Vec<(i64, i64)> =
            svg.split("<circle").skip(1).map(|circle| (place(circle, "cx"), place(circle, "cy"))).collect();
        dots.sort_unstable();
        let heights: Vec<i64> = dots.iter().map(|dot| dot.1).collect();
        let mut counts: Vec<usize> = Vec::new();
        for pair in 0..dots.len() {
            if pair == 0 || dots[pair].0 != dots[pair - 1].0 {
                counts.push(1)
            } else {
                *counts.last_mut().unwrap() += 1
            }
        }
        (counts, heights)
    };
    let (counts, heights) = columns(rows.dots("n", "v"));
    assert_eq!(counts, [2, 1, 2]);
    // x has 1 and 4, y 2, z 3 and 5: with z first, what is highest comes first.
    let (ordered, moved) = columns(rows.dots("n", "v").order(&["z"]));
    assert_eq!(ordered, [2, 2, 1]);
    assert_eq!(moved, [heights[3], heights[4], heights[0], heights[1], heights[2]]);
    assert_eq!(columns(rows.dots("n", "v").color_by("c").order(&["z"])).0, [2, 2, 1]);
    assert_eq!(columns(rows.dots("n", "v").top(2)).0, [2, 2]);
    assert_eq!(columns(rows.dots("n", "v").color_by("c").size_by("v").top(1)).0, [2]);
    let facets = svg_of(rows.dots("n", "v").facet("g").size(300, 600));
    assert_eq!(facets.matches("<circle").count(), 5);
    assert_eq!(texts(&facets).iter().filter(|t| *t == "z").count(), 1, "the names below are those of all");
}

#[test]
fn what_parts_are_made_of_can_be_their_colour_too() {
    let svg = svg_of(long().dots("day", "load").color_by("isp").facet("isp"));
    let of = |name: &str| svg.matches(&format!(">{name}<")).count();
    assert_eq!((of("Fro"), of("Olga")), (2, 2), "once as a title and once in the legend");
    let fills: std::collections::BTreeSet<&str> =
        svg.split("<circle").skip(1).filter_map(|dot| dot.split("fill=\"").nth(1)).map(|fill| &fill[..7]).collect();
    assert_eq!(fills.len(), 2, "{fills:?}");
}

#[test]
fn the_largest_are_the_same_in_all_parts() {
    let rows = table(&[
        ("isp", text(&["a", "b", "c", "a", "b", "c"])),
        ("stream", text(&["s1", "s1", "s1", "s2", "s2", "s2"])),
        ("users", Values::Int([900, 20, 31, 4, 500, 62].map(Some).into())),
    ])
    .with_unit("users", Unit::Count)
    .unwrap();
    let svg = svg_of(rows.bar().facet("stream").top(2).values());
    let written: Vec<String> = texts(&svg);
    for value in ["900", "20", "31", "4", "500", "62"] {
        assert!(written.iter().any(|text| text == value), "{value}: {written:?}");
    }

    assert_eq!(written.iter().filter(|text| *text == "other (1)").count(), 2);
}

#[test]
fn what_is_added_is_reached_by_the_axis_or_refused() {
    let bars = || table(&[("name", text(&["a", "b"])), ("value", floats(&[1.0, 3.0]))]).bar();
    let far = svg_of(bars().rule(40.0, "far").rule(-20.0, "below").band(50.0, 60.0, "band").note_at("b", 70.0, "note"));
    let written: Vec<String> = texts(&far);
    for text in ["60", "-20", "far", "below", "band", "note"] {
        assert!(written.iter().any(|t| t == text), "{text}: {written:?}");
    }
    let svg = svg_of(hours().line().note_at("2020-03-01 05:00", 9.0, "here").rule(12.0, "up"));
    assert!(svg.contains(">here<"));
    assert!(svg_of(bars().horizontal().note_at("b", 1.0, "lies")).contains(">lies<"));
    let refused = |chart: Chart| Figure::from(chart).to_svg().unwrap_err().to_string();
    for (chart, sentence) in [
        (bars().rule(f64::INFINITY, "x"), "has no place on any axis"),
        (bars().log().rule(0.0, "x"), "has no place on a logarithmic axis"),
        (bars().note_at("c", 1.0, "x"), "there are: a, b"),
        (bars().note_at(3, 1.0, "x"), "there are: a, b"),
        (hours().line().note_at("noon", 1.0, "x"), "a time is written as"),
        (bars().top(0), "`.top(0)`"),
        (bars().size(160, 100).title("Users").values(), "too few"),
        (hours().line().horizontal(), "leave out `.horizontal()`"),
        (hours().line().stacked(), "leave out `.stacked()`"),
        (long().dots("day", "load").order(&["1"]), "numbers have an order of their own"),
        (table(&[("n", text(&["a", "a"])), ("v", floats(&[1.0, 2.0]))]).bar(), "more than one row"),
        (table(&[("a", text(&["x"])), ("b", text(&["y"])), ("v", floats(&[1.0]))]).heat().log(), "leave out `.log()`"),
        (table(&[("a", text(&["x"])), ("b", text(&["y"])), ("v", floats(&[1.0]))]).heat().rule(1.0, "x"), "no axis"),
        (
            table(&[("from", floats(&[2.0, 0.0])), ("to", floats(&[3.0, 1.0])), ("users", floats(&[1.0, 2.0]))])
                .histogram(),
            "sort the rows",
        ),
    ] {
        let said = refused(chart);
        assert!(said.contains(sentence), "{said}");
    }
    let mixed = shares().with_unit("sessions", Unit::Count).unwrap().bars(&["sessions", "with P2P"]);
    assert!(refused(mixed).contains("one axis can't show both"));
    assert!(Figure::row([]).to_svg().unwrap_err().to_string().contains("without charts"));
    // What does not change with the order in which it is said.
    assert_eq!(svg_of(bars().x_label("all").horizontal()), svg_of(bars().horizontal().x_label("all")));
    assert_eq!(svg_of(bars().stacked()), svg_of(bars().stacked().stacked()));
    assert!(Figure::from(bars().palette(Blues.colors(usize::MAX))).to_svg().is_ok());
}

#[test]
fn parts_of_a_heat_map_have_their_shades_in_common() {
    let rows = table(&[
        ("a", text(&["x", "y", "x", "y"])),
        ("b", text(&["p", "p", "p", "p"])),
        ("g", text(&["1", "1", "2", "2"])),
        ("v", floats(&[1.0, 100.0, 50.0, 100.0])),
    ]);
    let svg = svg_of(rows.heat().facet("g"));
    let darkest = svg.matches(&format!("fill=\"{}\"", "#08306B")).count();
    let fills: Vec<&str> = svg.split("fill=\"#").skip(1).map(|rest| &rest[..6]).collect();
    let twice = fills.iter().filter(|fill| fills.iter().filter(|other| other == fill).count() == 2).count();
    assert!(darkest == 2 || twice >= 2, "the two values of 100 have one shade: {fills:?}");
}

#[test]
fn an_axis_has_ticks_where_its_values_are() {
    let rows = table(&[("n", text(&["x", "y"])), ("v", floats(&[100.2, 100.4]))]);
    for unit in [Unit::Plain, Unit::Count] {
        for size in [(640, 400), (130, 200)] {
            let svg = svg_of(rows.with_unit("v", unit).unwrap().line().size(size.0, size.1));
            let ticks: Vec<f64> = texts(&svg).iter().filter_map(|t| t.parse().ok()).collect();
            assert!(!ticks.is_empty() && ticks.iter().all(|tick| (100.1..100.5).contains(tick)), "{unit:?}, {ticks:?}");
        }
    }
}

#[test]
fn long_tables_are_drawn_in_a_time_that_grows_with_them() {
    let count = 100_000;
    let numbers = |of: fn(i64) -> i64| Values::Int((0..count).map(|i| Some(of(i))).collect());
    let rows = table(&[("x", numbers(|i| i)), ("y", numbers(|i| i % 7))]);
    let began = std::time::Instant::now();
    assert!(svg_of(rows.line()).contains("<polyline"));
    // It took half a minute on a quick machine when each row was looked for among all others.
    assert!(began.elapsed().as_secs() < 20);
}

#[test]
fn what_is_cut_says_so() {
    let title = "a very long title that goes on ".repeat(12);
    let written = texts(&svg_of(long().line().title(&title)));
    assert!(written.iter().rfind(|text| text.contains("very long")).unwrap().ends_with('…'), "{written:?}");
    let short = texts(&svg_of(long().line().title("A title")));
    assert!(short.contains(&"A title".to_owned()) && !short.iter().any(|text| text.contains('…')), "{short:?}");
}

#[test]
fn a_band_has_a_gap_where_its_interval_has() {
    let ends = |values: [Option<f64>; 5]| Values::Float(values.into());
    let rows = |low: [Option<f64>; 5]| {
        table(&[
            ("x", floats(&[1.0, 2.0, 3.0, 4.0, 5.0])),
            ("y", floats(&[2.0; 5])),
            ("low", ends(low)),
            ("high", ends([Some(3.0); 5])),
        ])
    };
    let bands = |low| svg_of(rows(low).line()).matches("<polygon").count();
    assert_eq!(bands([Some(1.0); 5]), 1);
    assert_eq!(bands([Some(1.0), Some(1.0), None, Some(1.0), Some(1.0)]), 2);
}

fn fills(svg: &str, of: &str) -> Vec<String> {
    let shapes = svg.split(of).skip(1).filter_map(|shape| shape.split("fill=\"").nth(1));
    shapes.map(|fill| fill[..7].to_owned()).collect()
}

#[test]
fn colours_say_what_the_values_say() {
    // Of a palette with two ends the middle is 0, and values that differ differ.
    let heat = |values: &[f64]| {
        let rows = table(&[("a", text(&["x"; 5])), ("b", text(&["p", "q", "r", "s", "t"])), ("v", floats(values))]);
        fills(&svg_of(rows.heat().palette(RedBlue)), "<rect")[1..6].to_vec()
    };
    let shades = heat(&[-1.0, -0.3, 0.0, 0.2, 3.0]);
    assert_eq!(shades.iter().collect::<std::collections::BTreeSet<_>>().len(), 5, "{shades:?}");
    let channels = [1, 3, 5].map(|at| u8::from_str_radix(&shades[2][at..at + 2], 16).unwrap());
    assert!(channels.iter().all(|channel| *channel > 0xee), "0 is neither the one nor the other: {shades:?}");
    // A value that is missing is none of the steps, however many of them there are.
    let values = Values::Float(vec![Some(1.0), Some(10.0), None]);
    let rows = table(&[("x", floats(&[1.0, 2.0, 3.0])), ("y", floats(&[1.0, 2.0, 3.0])), ("score", values)]);
    for chart in [rows.dots("x", "y").color_by("score"), rows.dots("x", "y").color_by("score").palette(Greens)] {
        let fills = fills(&svg_of(chart), "<circle");
        assert!(
            fills.len() == 3 && fills.iter().filter(|fill| fill.eq_ignore_ascii_case("#949494")).count() == 1,
            "{fills:?}"
        );
    }
    // Colours that come again are said to.
    let names: Vec<String> = (0..12).map(|i| format!("n{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = |n: usize| {
        let numbers: Vec<f64> = (0..n).map(|i| i as f64).collect();
        table(&[("x", text(&vec!["a"; n])), ("name", text(&names[..n])), ("v", floats(&numbers))])
    };
    for (n, said) in [(10, false), (11, true)] {
        let written = texts(&svg_of(rows(n).bar()));
        assert_eq!(written.contains(&"colours repeat after 10".to_owned()), said, "{written:?}");
    }
}

#[test]
fn the_smallest_bar_has_a_length_on_a_logarithmic_axis() {
    let bars = table(&[("k", text(&["a", "b", "c"])), ("v", floats(&[1.0, 10.0, 100.0]))]);
    for chart in [bars.bar().log(), bars.bar().horizontal().log()] {
        let drawn = boxes(&svg_of(chart.palette(Color(1, 2, 3))), "#010203");
        let least =
            drawn.iter().map(|(left, top, right, bottom)| (right - left).min(bottom - top)).fold(f64::MAX, f64::min);
        assert!(drawn.len() == 3 && least > 20.0, "{drawn:?}");
    }
}

#[test]
fn of_what_follows_each_other_nothing_is_left_out() {
    let ages: Vec<Option<i64>> = (10..90).map(Some).collect();
    let counts = || Values::Int((0..80).map(|i| Some(i % 7 + 1)).collect());
    let bars = |svg: &str| boxes(svg, "#010203").len();
    let drawn = |by: Values| svg_of(table(&[("by", by), ("n", counts())]).bar().palette(Color(1, 2, 3)));
    let hours = (0..80).map(|i| Some(format!("2020-03-0{} {:02}:00", 1 + i / 24, i % 24))).collect();
    let names = (0..80).map(|i| Some(format!("name {i}"))).collect();
    assert_eq!(bars(&drawn(Values::Int(ages))), 80);
    assert_eq!(bars(&drawn(Values::Text(hours))), 80);
    assert_eq!(bars(&drawn(Values::Int((0..80).map(|i| Some(i * i * 1_000)).collect()))), 39, "these are names");
    assert_eq!(bars(&drawn(Values::Text(names))), 39);
}

#[test]
fn decimals_are_numbers() {
    let rows =
        table(&[("age", text(&["1", "2"])), ("h", floats(&[35.93, 36.11]))]).with_unit("h", Unit::Exact).unwrap();
    let written = texts(&svg_of(rows.bar().values()));
    assert!(written.contains(&"35.93".to_owned()), "{written:?}");
    assert!(svg_of(rows.lines(&["h"])).contains("<polyline"));
}

#[test]
fn a_chart_of_another_table_says_which_one_it_is_drawn_of() {
    let rows = table(&[("isp", text(&["a"])), ("users", floats(&[1.0]))]);
    let signs = table(&[("x", floats(&[1.0, 2.0])), ("a", floats(&[1.0, -1.0])), ("b", floats(&[2.0, 1.0]))]);
    let spread = ["sessions", "p5", "p25", "median", "p75", "p95"].map(|name| (name, floats(&[1.0])));
    let spread = table(&spread).with_unit("sessions", Unit::Count).unwrap();
    let ecdf = table(&[("neg", floats(&[-2.0, 0.0])), ("share", floats(&[0.5, 1.0]))]);
    for (chart, verb) in [
        (rows.boxes(), "spread_by"),
        (rows.histogram(), "sessions.histogram("),
        (rows.intervals(), "`low` and `high`"),
        (spread.boxes(), "that names them"),
        (signs.areas(&["a", "b"]).stacked(), "go below 0 and above it"),
        (ecdf.ecdf().log(), "nothing is above 0"),
        (signs.dots("x", "b").size_by("none"), "no column"),
        (table(&[("x", floats(&[1.0])), ("s", floats(&[-1.0]))]).dots("x", "x").size_by("s"), "no number above 0"),
    ] {
        let said = Figure::from(chart).to_svg().unwrap_err().to_string();
        assert!(said.contains(verb), "{said}");
    }
}

#[test]
fn small_multiples_get_the_height_that_they_need() {
    let names: Vec<String> = (0..3).map(|i| format!("a provider with a very long name {i}")).collect();
    let cells: Vec<(&str, &str)> = names.iter().flat_map(|a| names.iter().map(move |b| (&**a, &**b))).collect();
    let (a, b): (Vec<&str>, Vec<&str>) = cells.into_iter().unzip();
    let rows = table(&[("isp", text(&a)), ("browser", text(&b)), ("v", floats(&[1.0; 9]))]);
    assert!(Figure::from(rows.bar().facet("isp")).to_svg().is_ok());
    assert!(Figure::from(rows.bar().facet("isp").size(760, 100)).to_svg().is_err(), "what is asked for is kept");
}

/// What a slip makes of sessions: a row for each of them, with a name of its own.
fn each_session(rows: usize) -> Table {
    let name = |i: usize| Some(format!("session {i}"));
    let isp = |i: usize| Some(["Arange", "Fro", "Olga"][i % 3].to_owned());
    table(&[
        ("session", Values::Text((0..rows).map(name).collect())),
        ("isp", Values::Text((0..rows).map(isp).collect())),
        ("n", Values::Int((0..rows as i64).map(Some).collect())),
        ("cdn", Values::Float((0..rows).map(|i| Some((i * 7919 % 1013) as f64)).collect())),
    ])
}

#[test]
fn two_hundred_thousand_rows_are_drawn_or_refused_and_not_waited_for() {
    const ROWS: usize = 200_000;
    let all = each_session(ROWS);
    let of = |columns: &[&str]| all.picked(columns).unwrap();
    let (one, two, numbers) = (of(&["session", "cdn"]), of(&["session", "isp", "cdn"]), of(&["n", "cdn"]));
    let began = std::time::Instant::now();
    let drawn: [(&str, Chart); 12] = [
        ("bars", one.bar()),
        ("lying bars", one.bar().horizontal()),
        ("groups", two.bar()),
        ("stacks", two.bar().stacked()),
        ("bars in parts", two.bar().facet("isp")),
        ("dumbbells", one.dumbbell(&["cdn"])),
        ("the first of a line", one.line().top(10)),
        ("the first of dots", one.dots("session", "cdn").top(10)),
        ("a line", numbers.line()),
        ("an area", numbers.area()),
        ("dots", all.dots("n", "cdn").color_by("isp")),
        ("an order", one.bar().order(&["session 7", "session 3"])),
    ];
    for (what, chart) in drawn {
        let png = Figure::from(chart).to_png();
        assert!(png.is_ok_and(|png| png.len() > 5_000), "{what}");
    }
    let many = "don't fit side by side, no more than 4,000 do";
    let refused = [
        (one.line(), many),
        (one.dots("session", "cdn"), many),
        (two.heat(), many),
        (one.bar().top(5_000), many),
        (one.bar().order(&["nobody"]), "session 39 and 199960 more"),
        (one.bar().note_at("nobody", 1.0, "a note"), "session 39 and 199960 more"),
        (all.dots("n", "cdn").color_by("session"), "200,000 colours can't be told apart"),
        (all.dots("n", "cdn").facet("session"), "\"session\" has 200000 values"),
        (of(&["session", "n", "cdn"]).with_unit("n", Unit::Label).unwrap().bar(), "40,000,000,000 combinations"),
    ];
    for (chart, sentence) in refused {
        let said = Figure::from(chart).to_png().err().map(|error| error.to_string());
        assert!(said.as_ref().is_some_and(|said| said.contains(sentence)), "{sentence}: {said:?}");
    }
    // Far above what it takes, and far below what it took when each name was looked for among all others.
    assert!(began.elapsed().as_secs() < 300, "{:?}", began.elapsed());
}
