//! The process in which the engine tries a file that may be damaged. All of it is in the engine's library, which lies
//! beside this program; see `trial.rs` there.

use std::ffi::c_int;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<c_int, Box<dyn std::error::Error>> {
    let name = format!("{}streamroot_polars{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let path = std::env::current_exe()?.with_file_name(name);
    // SAFETY: the library is the engine, built together with this program; it does nothing when it is loaded, and its
    // function takes nothing and gives a number.
    unsafe {
        let library = libloading::Library::new(path)?;
        let trial = library.get::<unsafe extern "C" fn() -> c_int>(b"streamroot_trial")?;
        Ok(trial())
    }
}
