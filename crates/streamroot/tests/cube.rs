//! A cube answers as its sessions do: the same tables, the same figures, and a sentence where it can't.

mod support;

use streamroot::prelude::*;
use support::{Directory, flat, root};

const HEADER: &str = "stream,isp,browser,connected,p2p,cdn\n";
/// Six sessions, one without cdn: small enough to add up by hand.
const ROWS: &str = "1,Fro,Iron,true,30,10\n1,Fro,Iron,true,0,20\n2,BTP,Iron,false,0,40\n2,BTP,Swamp,true,60,20\n\
                    3,,Iron,true,0,0\n9,BTP,Iron,true,5,\n";

fn all() -> [Dimension; 4] {
    [Stream, Isp, Browser, Connected]
}

#[test]
fn a_small_cube_adds_up() {
    let directory = Directory::new();
    let sessions = Sessions::open(&directory.write("small.csv", format!("{HEADER}{ROWS}"))).unwrap();
    let cube = sessions.cube(directory.path("cube.parquet"), all(), &["p2p + cdn > 30"]).unwrap();
    assert_eq!(cube.count().unwrap().value(), 6.0);
    assert_eq!(flat(&cube.count_by(Isp).unwrap()), "BTP|3 Fro|2 -|1");
    assert_eq!(flat(&cube.missing().unwrap()), "isp|1 cdn|1");
    assert_eq!(cube.sum(P2p).unwrap().value(), 95.0);
    assert_eq!(cube.sum(Total).unwrap().value(), 180.0);
    assert_eq!(cube.mean(Cdn).unwrap().value(), 18.0, "90 over the five that have it");
    assert_eq!(cube.share(WithP2p).unwrap().value(), 0.5);
    assert_eq!(cube.offload().unwrap().value(), 0.5, "90 of 180: the session without cdn counts on neither side");
    assert_eq!(flat(&cube.filter("p2p + cdn > 30").unwrap().count_by(Browser).unwrap()), "Iron|2 Swamp|1");
    assert_eq!(flat(&cube.filter(Isp.is("Fro")).unwrap().mean_by(Stream, Total).unwrap()), "1|30 2|- 3|- 9|-");
    let extremes = cube.sql("SELECT isp, MIN(cdn) AS low, MAX(p2p) AS high FROM sessions GROUP BY isp").unwrap();
    assert_eq!(flat(&extremes), "BTP|20|60 Fro|10|30 -|0|0");
    assert_eq!(format!("{cube:?}"), "6 sessions from cube.parquet; without isp: 1, without cdn: 1");
}

#[test]
fn cubes_of_parts_are_opened_as_one() {
    let directory = Directory::new();
    let (first, last) = ROWS.split_at(ROWS.find("2,BTP,Swamp").unwrap());
    for (name, rows) in [("a", first), ("b", last)] {
        let part = Sessions::open(&directory.write(&format!("{name}.csv"), format!("{HEADER}{rows}"))).unwrap();
        part.cube(directory.path(&format!("{name}.parquet")), all(), &[]).unwrap();
    }
    let both = Sessions::open(&directory.path("*.parquet")).unwrap();
    assert_eq!(flat(&both.count_by(Stream).unwrap()), "1|2 2|2 3|1 9|1");
    assert_eq!(both.mean(P2p).unwrap().value(), 95.0 / 6.0);
}

#[test]
fn what_a_cube_lacks_is_said() {
    let directory = Directory::new();
    let sessions = Sessions::open(&directory.write("small.csv", format!("{HEADER}{ROWS}"))).unwrap();
    let cube = sessions.cube(directory.path("cube.parquet"), [Stream, Isp], &[]).unwrap();
    let said = |result: streamroot::Result<Table>| result.unwrap_err().to_string();
    let threshold = said(cube.filter("p2p + cdn > 30").unwrap().count_by(Isp));
    assert!(
        threshold.contains("cube.parquet is a cube") && threshold.contains("it has no p2p + cdn > 30"),
        "{threshold}"
    );
    let median = said(cube.spread_by(Isp, Cdn));
    assert!(median.contains("needs the sessions themselves"), "{median}");
    let browser = said(cube.count_by(Browser));
    assert!(browser.contains("no column browser"), "{browser}");
    let nowhere = sessions.cube(directory.path("nowhere/cube.parquet"), [Isp], &[]).unwrap_err().to_string();
    assert!(nowhere.contains("nowhere/cube.parquet can't be written"), "{nowhere}");
    let wrong = sessions.cube(directory.path("cube.parquet"), [Isp], &["p2p > cnd"]).unwrap_err().to_string();
    assert!(wrong.contains("no column cnd"), "{wrong}");
}

/// A slip of the hand costs no file: only a cube that nobody has opened gives way to another one.
#[test]
fn a_cube_takes_the_place_of_no_other_file() {
    let directory = Directory::new();
    let csv = directory.write("mine.csv", "stream,isp,p2p,cdn\n1,Fro,0,5\n2,BTP,3,4\n");
    let sessions = Sessions::open(&csv).unwrap();
    let path = |name: &str| directory.path(name);
    let rows = path("rows.parquet");
    sessions.sql(&format!("COPY (SELECT * FROM sessions) TO '{rows}' (FORMAT PARQUET)")).unwrap();
    let cube = sessions.cube(path("cube.parquet"), [Isp, Stream], &[]).unwrap();
    let of_rows = Sessions::open(&rows).unwrap();
    let said = |made: streamroot::Result<Sessions>| made.unwrap_err().to_string();
    for (made, sentence) in [
        (sessions.cube(&csv, [Isp], &[]), "does not end in .parquet"),
        (sessions.cube(path("cube"), [Isp], &[]), "does not end in .parquet"),
        (sessions.cube(&rows, [Isp], &[]), "is there already, and no cube"),
        (of_rows.cube(&rows, [Isp], &[]), "is read by these sessions"),
        (of_rows.cube(path("./cube.parquet/../rows.parquet"), [Isp], &[]), "can't be written"),
        (cube.cube(path("cube.parquet"), [Isp], &[]), "is read by these sessions"),
    ] {
        let said = said(made);
        assert!(said.contains(sentence), "{said}");
    }
    assert_eq!(sessions.cube(path("cube.parquet"), [Isp], &[]).unwrap().count().unwrap().value(), 2.0);
    assert_eq!(Sessions::open(&rows).unwrap().count().unwrap().value(), 2.0);
    assert_eq!(std::fs::read_to_string(&csv).unwrap().lines().count(), 3);
}

/// The figures of the notebooks, from whatever is opened.
fn figures(sessions: &Sessions) -> Vec<Figure> {
    let large = sessions.filter("p2p + cdn > 100e6").unwrap();
    let not_connected = sessions.filter(NotConnected).unwrap();
    let bars = |table: streamroot::Result<Table>| table.unwrap().bar();
    vec![
        Figure::row([bars(sessions.count_by(Stream)).title("Users per stream").palette(Tab10).values()]),
        Figure::row([bars(sessions.count_by(Isp)).palette(Blues), bars(sessions.count_by(Browser)).palette(BuGn)]),
        Figure::row([bars(sessions.share_by(Stream, Connected)).values()]),
        Figure::row([bars(sessions.filter("stream = 7").unwrap().count_by(Isp)).palette(Blues)]),
        Figure::row([sessions.count_by([Isp, Stream]).unwrap().bar().stacked()]),
        Figure::row([bars(not_connected.count_by(Isp)), bars(not_connected.count_by(Browser))]),
        Figure::row([
            bars(large.filter(WithP2p).unwrap().count_by(Isp)),
            bars(large.filter(CdnOnly).unwrap().count_by(Isp)),
        ]),
        Figure::row([bars(sessions.mean_by(Stream, Total)).log()]),
        Figure::row([sessions.mean_by([Isp, Browser], Offload).unwrap().heat().values()]),
        Figure::row([bars(sessions.offload_by(Isp)).values()]),
        Figure::row([sessions.opportunity(Isp, 75.0, 100).unwrap().picked(&["isp", "could move"]).unwrap().bar()]),
    ]
}

#[test]
fn figures_from_a_cube_are_those_of_the_sessions() {
    let directory = Directory::new();
    let sessions = Sessions::open(root().join("data/sessions.csv").to_str().unwrap()).unwrap();
    let cube = sessions.cube(directory.path("cube.parquet"), all(), &["p2p + cdn > 100e6"]).unwrap();
    let bytes = std::fs::metadata(directory.path("cube.parquet")).unwrap().len();
    assert!(bytes < 1 << 20, "a cube of {bytes} bytes saves nothing");
    for (i, (of_cube, of_rows)) in figures(&cube).iter().zip(figures(&sessions)).enumerate() {
        assert!(of_cube.to_png().unwrap() == of_rows.to_png().unwrap(), "figure {i}");
    }
}
