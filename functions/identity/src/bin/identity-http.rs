//! The Lambda function behind `/api/auth`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    platform::run(identity::boot).await
}
