package dev.grain.aws;

import dev.grain.Secret;
import dev.grain.SecretSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.arns.Arn;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;

/**
 * A secret in AWS Secrets Manager. For all threads.
 *
 * <p>Each reading has a client of its own and closes it. Readings are rare, and in this way they
 * leave no thread or connection, and use what the program's credentials are by then.
 */
record AwsSecretSource(String secretId, SecretContent content, AwsLimits limits)
    implements SecretSource {
  @Override
  public Secret.Value read(String target) throws IOException, InterruptedException {
    try {
      return content.parse(text(fetch()));
    } catch (IOException e) {
      // The SDK makes exceptions of interrupts.
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw e;
    }
  }

  private GetSecretValueResponse fetch() throws IOException {
    Region region = region();
    AwsCredentials credentials = credentials();
    try (SecretsManagerClient client = client(region, credentials)) {
      return client.getSecretValue(request -> request.secretId(secretId));
    } catch (SdkException e) {
      throw AwsFailure.of(e, region, limits);
    }
  }

  private SecretsManagerClient client(Region region, AwsCredentials credentials) {
    return SecretsManagerClient.builder()
        .region(region)
        .credentialsProvider(StaticCredentialsProvider.create(credentials))
        .httpClientBuilder(
            UrlConnectionHttpClient.builder()
                .connectionTimeout(limits.attempt())
                .socketTimeout(limits.attempt()))
        .overrideConfiguration(
            ClientOverrideConfiguration.builder()
                .apiCallAttemptTimeout(limits.attempt())
                .apiCallTimeout(limits.all())
                .build())
        .build();
  }

  private Region region() throws IOException {
    Region named = Arn.tryFromString(secretId).flatMap(Arn::region).map(Region::of).orElse(null);
    return named == null ? defaultRegion() : named;
  }

  private static Region defaultRegion() throws IOException {
    try {
      return new DefaultAwsRegionProviderChain().getRegion();
    } catch (SdkClientException e) {
      throw new IOException(
          "the AWS region is not known; set AWS_REGION, or name the secret by its ARN");
    }
  }

  private static AwsCredentials credentials() throws IOException {
    try (DefaultCredentialsProvider provider = DefaultCredentialsProvider.builder().build()) {
      return provider.resolveCredentials();
    } catch (SdkClientException e) {
      throw new IOException(
          "the program has no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or"
              + " AWS_PROFILE, or give a role to its machine");
    }
  }

  private static String text(GetSecretValueResponse response) throws IOException {
    @Nullable String text = response.secretString();
    if (text != null) {
      return text;
    }
    try {
      ByteBuffer binary = response.secretBinary().asByteBuffer();
      return StandardCharsets.UTF_8.newDecoder().decode(binary).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("it is binary, and not a text in UTF-8");
    }
  }
}
