//! What an answer of SES means for a mail.

/// What to do with a mail that SES did not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Too many at once: later.
    Throttled,
    /// This mail will never be taken.
    Refused,
    /// Something of ours is wrong, and the next mail would fare no better.
    Broken,
    /// SES may have taken it and failed to say so.
    Unknown,
}

/// Judges an error by its code and words, and by whether SES blames itself.
pub(crate) fn judge(code: &str, words: &str, blames_itself: bool) -> Verdict {
    match code {
        "Throttling" | "ThrottlingException" => Verdict::Throttled,
        // A sender that is not verified is our own affair: its mails wait until somebody mends that.
        "MessageRejected" if words.contains("not verified") => Verdict::Broken,
        "MessageRejected" | "InvalidParameterValue" => Verdict::Refused,
        _ if blames_itself => Verdict::Unknown,
        _ => Verdict::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart() {
        for (code, words, blames_itself, expected) in [
            ("Throttling", "Maximum sending rate exceeded.", false, Verdict::Throttled),
            ("Throttling", "Daily message quota exceeded.", false, Verdict::Throttled),
            ("MessageRejected", "Address blacklisted.", false, Verdict::Refused),
            ("MessageRejected", "Email address is not verified. ...", false, Verdict::Broken),
            ("InvalidParameterValue", "Missing final '@domain'", false, Verdict::Refused),
            ("AccountSendingPausedException", "", false, Verdict::Broken),
            ("ConfigurationSetDoesNotExist", "", false, Verdict::Broken),
            ("AccessDenied", "", false, Verdict::Broken),
            ("InternalFailure", "", true, Verdict::Unknown),
            ("", "", true, Verdict::Unknown),
        ] {
            assert_eq!(judge(code, words, blames_itself), expected, "{code} {words}");
        }
    }
}
