//! What a cell draws with plotters itself.

#[path = "support/svg.rs"]
mod svg;

use plotters::prelude::*;
// As a cell's own prelude says it: where both have a name, this crate's is meant.
use streamroot::palette::{Color, Palette};
use streamroot::prelude::*;
use svg::{labels, points, texts};

fn falling() -> Chart {
    Figure::draw(640, 400, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption("Falling", ("sans-serif", 20))
            .margin(20)
            .x_label_area_size(30)
            .y_label_area_size(50)
            .build_cartesian_2d(0f64..9f64, 0f64..1f64)?;
        chart.configure_mesh().draw()?;
        chart.draw_series(LineSeries::new((0..9).map(|i| (i as f64, 1.0 / (i + 1) as f64)), &BLUE))?;
        chart.draw_series((0..9).map(|i| Circle::new((i as f64, 0.5), 3, RED.mix(0.5).filled())))?;
        Ok(())
    })
}

#[test]
fn plotters_draws_on_our_paper() {
    let svg = Figure::from(falling()).to_svg().unwrap();
    assert!(svg.contains("width=\"640\" height=\"400\" viewBox=\"0 0 1280 800\""));
    assert!(points(&svg, "polyline").iter().any(|line| line.len() == 9));
    assert_eq!(svg.matches("<circle").count(), 9);
    assert!(texts(&svg).contains(&"Falling".to_owned()) && texts(&svg).iter().any(|text| text == "0.5"));
    // Text is measured and drawn in the embedded typeface, within the picture.
    for label in labels(&svg) {
        assert!(
            label.corners.iter().all(|(x, y)| (0.0..=1280.0).contains(x) && (0.0..=800.0).contains(y)),
            "{label:?}"
        );
    }
    let decoded =
        png::Decoder::new(std::io::Cursor::new(Figure::from(falling()).to_png().unwrap())).read_info().unwrap();
    assert_eq!((decoded.info().width, decoded.info().height), (1280, 800));
}

#[test]
fn a_drawing_is_a_chart_like_any_other() {
    let names = Values::Text(vec![Some("a".to_owned()), Some("b".to_owned())]);
    let table =
        Table::new(vec![Column::new("isp", names), Column::new("users", Values::Int(vec![Some(1), Some(2)]))]).unwrap();
    let svg = Figure::row([table.bar().title("Ours").palette(Blues), falling().title("By hand")]).to_svg().unwrap();
    let texts = texts(&svg);
    for text in ["Ours", "By hand", "Falling"] {
        assert!(texts.contains(&text.to_owned()), "{texts:?}");
    }
    // The drawing is within the right half.
    let line = points(&svg, "polyline").into_iter().find(|line| line.len() == 9).unwrap();
    assert!(line.iter().all(|(x, y)| (960.0..1920.0).contains(x) && (0.0..800.0).contains(y)), "{line:?}");
    // On a dark page what plotters draws in black is light.
    let dark = Figure::from(falling()).theme(Dark).to_svg().unwrap();
    assert!(!dark.to_lowercase().contains("#000000") && dark.contains("#111111"));
    assert_eq!(Color(1, 2, 3).hex(), "#010203");
    assert_eq!(RGBColor::from(Color(1, 2, 3)).filled().color, RGBAColor(1, 2, 3, 1.0));
    assert_eq!(Palette::from(Color(1, 2, 3)).pick(1), [Color(1, 2, 3)]);
}

#[test]
fn errors_are_sentences() {
    let chart = Figure::draw(640, 400, |_| Err("the tide is out".into()));
    let error = Figure::from(chart).to_png().unwrap_err().to_string();
    assert_eq!(error, "the figure can't be drawn: the tide is out");
    let chart = Figure::draw(640, 400, |area| {
        ChartBuilder::on(area).margin(500).build_cartesian_2d(0f64..1f64, 0f64..1f64)?;
        Ok(())
    });
    // Whatever plotters makes of a margin that leaves no room, it is no panic.
    let _ = Figure::from(chart).to_png();
}
