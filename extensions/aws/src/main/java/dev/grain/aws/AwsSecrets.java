package dev.grain.aws;

import dev.grain.Secret;

/**
 * Secrets in AWS Secrets Manager, for {@link dev.grain.Credentials}.
 *
 * <pre>{@code
 * RunOptions.defaults().credentials(
 *     Credentials.git("https://github.com/acme", AwsSecrets.login("ci/git")))
 * }</pre>
 *
 * <p>A secret is named by its name or its ARN. It is read in the program, at each use, so a secret
 * that has been rotated is used from then on. The program logs in at AWS as the AWS command line
 * does: by environment variables, by the profile, or by the role of its machine or container, which
 * must be allowed to call {@code secretsmanager:GetSecretValue}. The region is that of the ARN, or
 * else {@code AWS_REGION}, that of the profile, or that of the machine. {@code
 * AWS_ENDPOINT_URL_SECRETS_MANAGER} names another endpoint.
 */
public final class AwsSecrets {
  private AwsSecrets() {}

  /**
   * Returns a user and a password: a JSON object with the fields {@code username} and {@code
   * password}, or a text of exactly two lines, the user and then the password.
   *
   * @throws IllegalArgumentException if {@code secretId} is blank
   */
  public static Secret login(String secretId) {
    return secret(secretId, new Login());
  }

  /**
   * Returns a user and a password in two fields of a JSON object.
   *
   * @throws IllegalArgumentException if an argument is blank
   */
  public static Secret login(String secretId, String userField, String passwordField) {
    ensureText("userField", userField);
    ensureText("passwordField", passwordField);
    return secret(secretId, new LoginInFields(userField, passwordField));
  }

  /**
   * Returns a password, or a token, of a user: the whole text, without a line break at its end.
   *
   * @param user may be empty where a token is enough
   * @throws IllegalArgumentException if {@code secretId} is blank
   */
  public static Secret password(String secretId, String user) {
    return secret(secretId, new PasswordOf(user));
  }

  /**
   * Returns a password, or a token, of a user in a field of a JSON object.
   *
   * @param user may be empty where a token is enough
   * @throws IllegalArgumentException if {@code secretId} or {@code field} is blank
   */
  public static Secret password(String secretId, String user, String field) {
    ensureText("field", field);
    return secret(secretId, new PasswordInField(user, field));
  }

  /**
   * Returns a private key for git over ssh: the content of its file, without a pass phrase.
   *
   * @throws IllegalArgumentException if {@code secretId} is blank
   */
  public static Secret sshKey(String secretId) {
    return secret(secretId, Secret.Value.SshKey::parse);
  }

  private static Secret secret(String secretId, SecretContent content) {
    ensureText("secretId", secretId);
    return Secret.from(
        "the AWS secret " + secretId, new AwsSecretSource(secretId, content, AwsLimits.DEFAULTS));
  }

  private static void ensureText(String parameter, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(parameter + " is blank");
    }
  }
}
