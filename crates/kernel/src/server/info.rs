//! What this kernel says of itself, and of requests that it does not know.

use jupyter_protocol::messaging::{
    CodeMirrorMode, HelpLink, JupyterMessageContent, KernelInfoReply, LanguageInfo, ReplyStatus, UnknownMessage,
};
use serde_json::json;

/// What this kernel is.
pub fn kernel_info() -> KernelInfoReply {
    KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: "5.3".into(),
        implementation: "streamroot".into(),
        implementation_version: env!("CARGO_PKG_VERSION").into(),
        language_info: LanguageInfo {
            name: "Rust".into(),
            version: String::new(),
            mimetype: Some("text/rust".into()),
            file_extension: Some(".rs".into()),
            pygments_lexer: Some("rust".into()),
            codemirror_mode: Some(CodeMirrorMode::Simple("rust".into())),
            nbconvert_exporter: None,
        },
        banner: "Streamroot (Rust), on evcxr".into(),
        help_links: vec![HelpLink {
            text: "Rust's standard library".into(),
            url: "https://doc.rust-lang.org/stable/std/".into(),
        }],
        debugger: false,
        error: None,
    }
}

/// The answer to a request that no kernel of this kind knows.
pub fn refusal(unknown: &UnknownMessage) -> JupyterMessageContent {
    let evalue = format!("This kernel does not know the request {}.", unknown.msg_type);
    unknown.reply(json!({"status": "error", "ename": "Unknown request", "evalue": evalue, "traceback": []}))
}
