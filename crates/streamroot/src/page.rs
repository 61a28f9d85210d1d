//! How a value reaches the page: MIME bundles for the kernel, and text made safe for HTML and SVG.

use std::io::Write;

/// Prints one output of several representations, of which the page takes the best that it can show.
///
/// The lines around each are the kernel's protocol (evcxr, "Custom display"). A page that is gone is no error.
pub(crate) fn bundle(representations: &[(&str, &str)]) {
    let mut stdout = std::io::stdout().lock();
    for (mime, content) in representations {
        let _ = write!(stdout, "EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT\n");
    }
    let _ = stdout.flush();
}

/// Whether the cell runs in this project's own kernel, which knows more than evcxr's.
pub(crate) fn kernel_is_ours() -> bool {
    std::env::var_os("STREAMROOT_KERNEL").is_some()
}

/// Says that a value can't be shown. The cell has then failed, where the kernel can say so.
pub(crate) fn failed(error: &crate::Error) {
    if kernel_is_ours() {
        bundle(&[("application/vnd.streamroot.failure", &error.to_string())]);
    } else {
        eprintln!("{error}");
    }
}

/// Shows a line of text in the place of the one that was shown by the same name.
pub(crate) fn display(name: &str, line: &str) {
    bundle(&[(&format!("text/plain display={name}"), line)]);
}

/// Text as it must stand in HTML and SVG, in elements and in quoted attributes alike.
///
/// Characters that XML can't hold at all become U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            c if c.is_control() || c == '\u{FFFE}' || c == '\u{FFFF}' => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Base64 with padding (RFC 4648, section 4), for pictures.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0, |group, &b| group << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let sextet = (group >> (18 - 6 * i) & 63) as usize;
            text.push(if i <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_data_stays_text() {
        assert_eq!(
            escape(r#"<img src=x onerror="alert('1')">&"#),
            "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;"
        );
        assert_eq!(escape("a\u{0}b\u{1b}c\td"), "a\u{FFFD}b\u{FFFD}c\td");
        assert_eq!(escape("Zoë 東京"), "Zoë 東京");
    }

    #[test]
    fn base64_agrees_with_rfc_4648() {
        // The test vectors of RFC 4648, section 10.
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
