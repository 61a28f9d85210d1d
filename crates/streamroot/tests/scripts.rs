//! Text in every script. What stands on the page is compared as pixels: two texts that have to look alike do.

#[path = "support/font.rs"]
mod font;
#[path = "support/svg.rs"]
mod svg;

use std::process::Command;

use plotters::style::IntoTextStyle;
use streamroot::prelude::*;

/// A picture of nothing but a line of text.
fn picture(text: &str) -> Vec<u8> {
    let draw =
        Figure::draw(400, 60, |area| Ok(area.draw(&plotters::element::Text::new(text, (20, 20), ("sans", 24)))?));
    Figure::from(draw).to_png().unwrap()
}

/// In the order that the letters are given, from left to right.
fn as_given(text: &str) -> Vec<u8> {
    picture(&format!("\u{202d}{text}\u{202c}"))
}

fn notes(names: &[&str]) -> String {
    let isp = Values::Text(names.iter().map(|name| Some((*name).to_owned())).collect());
    let load = Values::Float(names.iter().map(|_| Some(1.0)).collect());
    let table = Table::new(vec![Column::new("isp", isp), Column::new("load", load)]).unwrap();
    svg::texts(&Figure::from(table.bar().size(1200, 400)).to_svg().unwrap()).join(" ")
}

#[test]
fn latin_greek_and_cyrillic_are_no_blank() {
    let nothing = picture(" ");
    for text in ["Télécom", "Ελλάδα", "Москва"] {
        assert_ne!(picture(text), nothing, "{text}");
    }
    assert!(!notes(&["שלום", "Zoë", "Москва", "مرحبا"]).contains("not drawn"));
}

#[test]
fn hebrew_is_read_from_right_to_left() {
    assert!(as_given("שלום") != picture("שלום"));
    assert!(as_given("םולש") == picture("שלום"));
    assert!(as_given("שדח 12 ץורע") == picture("ערוץ 12 חדש"));
    // A number behind Hebrew is to the left of it: rules W7, N1 and I1 of Unicode Standard Annex #9.
    assert!(as_given("ISP 25 םלוע םולש (b)") == picture("ISP שלום עולם 25 (b)"));
}

#[test]
fn arabic_letters_join() {
    // Unicode has each form of a letter as a character of its own, from U+FE70 on.
    assert!(picture("\u{fee3}\u{feae}\u{fea3}\u{fe92}\u{fe8e}") == picture("مرحبا"));
    assert!(picture("\u{fee1}\u{fead}\u{fea1}\u{fe8f}\u{fe8d}") != picture("مرحبا"));
}

/// The tests that follow need a machine with certain fonts, and one without any.
fn in_a_process_with(font: Option<Vec<u8>>, test: &str) {
    let home = std::env::temp_dir().join(format!("streamroot-fonts-{}-{test}", std::process::id()));
    std::fs::create_dir_all(home.join("fonts/deep")).unwrap();
    if let Some(font) = font {
        std::fs::write(home.join("fonts/deep/Test-Regular.ttf"), font).unwrap();
        std::fs::write(home.join("fonts/Broken-Sans-Regular.ttf"), b"no font").unwrap();
        std::fs::write(home.join("fonts/Empty-Sans-Regular.ttc"), b"ttcf").unwrap();
    }
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", test])
        .envs([("HOME", &home), ("XDG_DATA_HOME", &home), ("XDG_DATA_DIRS", &home)])
        .output()
        .unwrap();
    std::fs::remove_dir_all(&home).unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[cfg_attr(target_os = "macos", ignore = "macOS comes with fonts")]
fn without_a_font_scripts_are_named() {
    in_a_process_with(None, "with_no_font");
}

#[test]
#[ignore = "run by `without_a_font_scripts_are_named`"]
fn with_no_font() {
    let said = notes(&["東京", "नम", "ไทย", "🦀"]);
    for script in ["2 Chinese", "2 Devanagari", "3 Thai", "1 emoji"] {
        assert!(said.contains(script), "{script}: {said}");
    }
}

#[test]
#[cfg_attr(target_os = "macos", ignore = "macOS comes with fonts")]
fn a_font_of_the_machine_draws_what_the_embedded_one_lacks() {
    in_a_process_with(Some(font::of(&[('東', 'E'), ('京', 'o'), ('क', 'k'), ('ि', 'o')])), "with_a_font");
}

#[test]
#[ignore = "run by `a_font_of_the_machine_draws_what_the_embedded_one_lacks`"]
fn with_a_font() {
    assert!(picture("東京") == picture("Eo"));
    assert!(picture("Zoë 東京 2") == picture("Zoë Eo 2"));
    // A Hindi i stands before the letter that it is spoken after.
    assert!(picture("कि") == picture("ok"));
    let said = notes(&["東京", "कि", "ไทย"]);
    assert!(said.contains("3 Thai") && !said.contains("Chinese") && !said.contains("Devanagari"), "{said}");
}

#[test]
#[cfg_attr(target_os = "macos", ignore = "macOS comes with fonts")]
fn emoji_are_drawn_in_their_colours() {
    in_a_process_with(Some(font::with_a_square(&[('🦀', 'E')], '🦀', [255, 0, 0])), "with_colours");
}

#[test]
#[ignore = "run by `emoji_are_drawn_in_their_colours`"]
fn with_colours() {
    assert!(!notes(&["🦀"]).contains("not drawn"));
    // Where it is red: left, top, right, bottom, and in how many pixels.
    let red = |png: Vec<u8>| {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let pixels = pixels.chunks_exact(info.color_type.samples()).enumerate();
        let red = pixels.filter(|(_, pixel)| pixel[0] > 200 && pixel[1] < 60 && pixel[2] < 60);
        let places = red.map(|(i, _)| (i % info.width as usize, i / info.width as usize)).collect::<Vec<_>>();
        let (x, y): (Vec<usize>, Vec<usize>) = places.iter().copied().unzip();
        let ends = |of: &[usize]| (*of.iter().min().unwrap(), *of.iter().max().unwrap() + 1);
        (ends(&x), ends(&y), places.len())
    };
    let (x, y, count) = red(picture("🦀"));
    let (wide, tall) = (x.1 - x.0, y.1 - y.0);
    assert!(wide > 15 && wide.abs_diff(tall) <= 1 && count == wide * tall, "all of a square: {x:?} {y:?} {count}");
    let (behind, _, count) = red(picture("WW🦀"));
    assert!(behind.0 > x.0 + wide && count.abs_diff(wide * tall) <= 2 * wide, "it stands behind what is before it");
    let turned = Figure::draw(400, 400, |area| {
        let style = ("sans", 24).into_text_style(area).transform(plotters::style::FontTransform::Rotate90);
        Ok(area.draw(&plotters::element::Text::new("W🦀", (200, 100), style))?)
    });
    let (x, y, count) = red(Figure::from(turned).to_png().unwrap());
    assert!((x.1 - x.0).abs_diff(y.1 - y.0) <= 1 && count == (x.1 - x.0) * (y.1 - y.0), "{x:?} {y:?} {count}");
}
