package dev.grain.aws;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;

/** Why a secret could not be read from AWS. */
final class AwsFailure {
  private AwsFailure() {}

  /** Returns the exception of a source of secrets; its message is a part of a sentence. */
  static IOException of(SdkException failure, Region region, AwsLimits limits) {
    return new IOException(
        switch (failure) {
          case AwsServiceException refused -> refusal(refused, region);
          case ApiCallTimeoutException _, ApiCallAttemptTimeoutException _ ->
              "AWS Secrets Manager in %s did not answer within %s seconds; check the network and the region"
                  .formatted(region, limits.all().toSeconds());
          default ->
              "AWS Secrets Manager in %s could not be reached: %s"
                  .formatted(region, failure.getMessage());
        });
  }

  private static String refusal(AwsServiceException refused, Region region) {
    @Nullable AwsErrorDetails details = refused.awsErrorDetails();
    String code = details == null || details.errorCode() == null ? "" : details.errorCode();
    String said = details == null || details.errorMessage() == null ? "" : details.errorMessage();
    return switch (code) {
      case "ResourceNotFoundException" ->
          "there is no such secret in %s; check the name, the region and the account"
              .formatted(region);
      case "AccessDeniedException" ->
          "AWS denied access to it in %s; allow secretsmanager:GetSecretValue, and kms:Decrypt if it has a key of its own (%s)"
              .formatted(region, said);
      case "UnrecognizedClientException",
          "InvalidSignatureException",
          "InvalidClientTokenId",
          "IncompleteSignature",
          "ExpiredTokenException" ->
          "AWS did not accept the credentials of the program; renew them (%s: %s)"
              .formatted(code, said);
      default ->
          refused.isThrottlingException()
              ? "AWS refused too many requests in %s; try again later, or raise the quota"
                  .formatted(region)
              : "AWS answered in %s with status %s: %s %s"
                  .formatted(region, refused.statusCode(), code, said)
                  .strip();
    };
  }
}
