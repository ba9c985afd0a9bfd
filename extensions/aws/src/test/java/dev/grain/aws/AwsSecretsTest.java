package dev.grain.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets in AWS Secrets Manager: what they contain, and what is said if they cannot be read. */
final class AwsSecretsTest {
  private static final String HIDDEN = "hidden-from-all";

  private static final AwsLimits SHORT =
      new AwsLimits(Duration.ofMillis(500), Duration.ofSeconds(1));

  @TempDir private Path empty;
  private FakeSecretsManager manager;
  private AwsSettings settings;

  @BeforeEach
  void start() throws IOException {
    manager = new FakeSecretsManager();
    settings =
        new AwsSettings(empty)
            .login(FakeSecretsManager.USER)
            .region("eu-west-1")
            .endpoint(manager.url());
  }

  @AfterEach
  void stop() {
    settings.close();
    manager.close();
  }

  private static Secret.Value read(String secretId, SecretContent content) throws Exception {
    return read(secretId, content, AwsLimits.DEFAULTS);
  }

  private static Secret.Value read(String secretId, SecretContent content, AwsLimits limits)
      throws Exception {
    return new AwsSecretSource(secretId, content, limits).read("https://git.example.org/acme");
  }

  private static void assertFails(String secretId, SecretContent content, String... texts) {
    assertFails(secretId, content, AwsLimits.DEFAULTS, texts);
  }

  private static void assertFails(
      String secretId, SecretContent content, AwsLimits limits, String... texts) {
    assertThatIOException()
        .isThrownBy(() -> read(secretId, content, limits))
        .withMessageContainingAll(texts)
        .withNoCause()
        .satisfies(e -> assertThat(e.toString()).doesNotContain(HIDDEN));
  }

  // ---------------------------------------------------------------- what secrets contain

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ann\nhidden",
        "ann\r\nhidden\r\n",
        "{\"username\":\"ann\",\"password\":\"hidden\"}",
        "\n{\n  \"host\": 1, \"password\": \"hidden\", \"username\": \"ann\"\n}\n",
      })
  void login_asTwoLinesOrAsJson_isRead(String text) throws Exception {
    manager.put("ci/git", text);

    assertThat(read("ci/git", new Login())).isEqualTo(new Secret.Value.Password("ann", "hidden"));
    assertThat(manager.requests()).containsExactly("eu-west-1 ci/git");
  }

  @Test
  void login_inOtherFields_isRead() throws Exception {
    manager.put("ci/git", "{\"robot\":\"ann\",\"token\":\"hidden\",\"password\":\"old\"}");

    assertThat(read("ci/git", new LoginInFields("robot", "token")))
        .isEqualTo(new Secret.Value.Password("ann", "hidden"));
    assertThat(read("ci/git", new PasswordInField("bob", "token")))
        .isEqualTo(new Secret.Value.Password("bob", "hidden"));
  }

  @ParameterizedTest
  @CsvSource({"hidden, hidden", "'hidden\n', hidden", "'hid\nden\r\n', 'hid\nden'"})
  void password_asAText_isRead(String text, String password) throws Exception {
    manager.put("token", text);

    assertThat(read("token", new PasswordOf("x-token")))
        .isEqualTo(new Secret.Value.Password("x-token", password));
  }

  @Test
  void secretInBytes_isReadAsText() throws Exception {
    manager.putBinary("ci/git", "änn\nverstöckt\n".getBytes(StandardCharsets.UTF_8));
    manager.putBinary("noise", new byte[] {(byte) 0xff, (byte) 0xfe});

    assertThat(read("ci/git", new Login()))
        .isEqualTo(new Secret.Value.Password("änn", "verstöckt"));
    assertFails("noise", new Login(), "it is binary, and not a text in UTF-8");
  }

  @Test
  void sshKey_isReadAndChecked() throws Exception {
    String key = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    manager.put("deploy", key);
    manager.put("wrong", HIDDEN);

    assertThat(read("deploy", Secret.Value.SshKey::parse))
        .isEqualTo(new Secret.Value.SshKey("", key));
    assertFails("wrong", Secret.Value.SshKey::parse, "it holds no private key");
  }

  @Test
  void secretThatIsRotated_isReadAnew() throws Exception {
    manager.put("ci/git", "ann\nold");
    assertThat(read("ci/git", new Login())).isEqualTo(new Secret.Value.Password("ann", "old"));

    manager.put("ci/git", "ann\nnew");

    assertThat(read("ci/git", new Login())).isEqualTo(new Secret.Value.Password("ann", "new"));
  }

  @Test
  void secretNamedByItsArn_isReadInItsRegion() throws Exception {
    String arn = "arn:aws:secretsmanager:us-east-2:123456789012:secret:ci/git-AbCdEf";
    manager.put(arn, "ann\nhidden");

    read(arn, new Login());

    assertThat(manager.requests()).containsExactly("us-east-2 " + arn);
  }

  // ---------------------------------------------------------------- wrong contents

  @Test
  void textThatIsNoLogin_isRefusedWithoutQuotingIt() {
    manager.put("line", HIDDEN);
    manager.put("json", "{\"password\": " + HIDDEN);
    manager.put("list", "[\"" + HIDDEN + "\"]");
    manager.put("fields", "{\"user\":\"ann\",\"pass\":\"" + HIDDEN + "\"}");
    manager.put("number", "{\"username\":\"ann\",\"password\":17}");

    assertFails("line", new Login(), "it must have exactly two lines", "but has 1");
    assertFails("json", new Login(), "it is not valid JSON");
    assertFails("list", new PasswordInField("ann", "token"), "it is not a JSON object");
    assertFails("fields", new Login(), "it has no field \"username\", only [user, pass]");
    assertFails("number", new Login(), "its field \"password\" is not a text");
  }

  // ---------------------------------------------------------------- AWS refuses

  @Test
  void secretThatDoesNotExist_isSaid() {
    assertFails("missing", new Login(), "there is no such secret in eu-west-1");
  }

  @Test
  void accessDenied_namesThePermissionAndWhoWasRefused() {
    String said = "User: arn:aws:iam::123456789012:user/ann is not authorized";
    manager.refuse("ci/git", 400, "AccessDeniedException", said);

    assertFails("ci/git", new Login(), "allow secretsmanager:GetSecretValue", said);
  }

  @Test
  void throttledRequest_isTriedAgainAndThenSaid() {
    manager.refuse("ci/git", 400, "ThrottlingException", "Rate exceeded");

    assertFails("ci/git", new Login(), "too many requests in eu-west-1");
    assertThat(manager.requests()).hasSizeGreaterThan(1);
  }

  @Test
  void credentialsThatAreNotAccepted_areSaid() {
    settings.login("AKIDOTHER");
    manager.put("ci/git", "ann\n" + HIDDEN);

    assertFails("ci/git", new Login(), "did not accept the credentials of the program");
  }

  @Test
  void anythingElse_isQuoted() {
    String said = "You can't perform this operation: the secret was marked for deletion.";
    manager.refuse("ci/git", 400, "InvalidRequestException", said);

    assertFails("ci/git", new Login(), "status 400: InvalidRequestException", said);
  }

  // ---------------------------------------------------------------- AWS is not there

  @Test
  void programWithoutCredentials_isToldHowToGiveThem() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");

    assertFails("ci/git", new Login(), "no AWS credentials; set AWS_ACCESS_KEY_ID");
    assertThat(manager.requests()).isEmpty();
  }

  @Test
  void programWithoutRegion_isToldHowToSetIt() {
    System.clearProperty("aws.region");

    assertFails("ci/git", new Login(), "the AWS region is not known; set AWS_REGION");
  }

  @Test
  void endpointThatDoesNotAnswer_isGivenUp() {
    manager.hangOn("ci/git");

    assertFails("ci/git", new Login(), SHORT, "in eu-west-1 did not answer within 1 seconds");
  }

  @Test
  void endpointThatIsNotThere_isSaid() {
    manager.close();

    assertFails("ci/git", new Login(), "AWS Secrets Manager in eu-west-1 could not be reached");
  }

  @Test
  void interruptedReading_ends() throws Exception {
    manager.hangOn("ci/git");
    CompletableFuture<Secret.Value> read = new CompletableFuture<>();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                read.complete(read("ci/git", new Login()));
              } catch (Exception e) {
                read.completeExceptionally(e);
              }
            });
    while (manager.requests().isEmpty()) {
      Thread.onSpinWait();
    }

    reader.interrupt();

    assertThatThrownBy(read::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
  }

  // ---------------------------------------------------------------- the API

  @Test
  void secret_isDescribedByItsName() {
    assertThat(
            List.of(
                AwsSecrets.login("ci/git"),
                AwsSecrets.login("ci/git", "user", "token"),
                AwsSecrets.password("ci/git", "ann"),
                AwsSecrets.password("ci/git", "ann", "token"),
                AwsSecrets.sshKey("ci/git")))
        .extracting(Secret::toString)
        .containsOnly("the AWS secret ci/git");
  }

  @Test
  void blankNames_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AwsSecrets.login(" "))
        .withMessage("secretId is blank");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AwsSecrets.password("ci/git", "ann", ""))
        .withMessage("field is blank");
  }
}
