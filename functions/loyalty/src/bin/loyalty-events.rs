//! The Lambda function behind the loyalty queue.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    platform::run(loyalty::boot_events).await
}
