//! The Lambda function behind the prepaid queue.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    platform::run(prepaid::boot_events).await
}
