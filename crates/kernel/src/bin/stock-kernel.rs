//! evcxr's own kernel, as it is: what the notebooks also run in, and what ours is compared with.

fn main() -> anyhow::Result<()> {
    evcxr_jupyter::main()
}
