//! From the mail queue to SES, and from SES what came back.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    platform::run(mailer::boot).await
}
