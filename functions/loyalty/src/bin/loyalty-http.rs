//! The Lambda function behind `/api/loyalty`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    platform::run(loyalty::boot).await
}
