//! The Lambda function behind `/api/prepaid`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    platform::run(prepaid::boot).await
}
