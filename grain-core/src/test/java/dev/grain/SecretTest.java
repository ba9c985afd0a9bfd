package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where secrets come from, and what is said of files that are wrong. */
final class SecretTest {
  private static final String TARGET = "https://host/acme";

  @TempDir private Path folder;

  private Path write(String content) throws IOException {
    return Files.writeString(folder.resolve("secret"), content);
  }

  private static Secret.Value read(Secret secret) throws Exception {
    return secret.read(TARGET);
  }

  // ---------------------------------------------------------------- a file of two lines

  @ParameterizedTest
  @CsvSource({
    "'ann\nhidden', ann, hidden",
    "'ann\nhidden\n', ann, hidden",
    "'ann\r\nhidden\r\n', ann, hidden",
    "' ann \n\thid den ', ' ann ', '\thid den '",
    "'\ntoken\n', '', token",
    "'änn\nverstöckt\n', änn, verstöckt",
  })
  void file_ofTwoLines_givesUserAndPassword(String content, String user, String password)
      throws Exception {
    assertThat(read(Secret.file(write(content))))
        .isEqualTo(new Secret.Value.Password(user, password));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0",
    "'hidden', 1",
    "'hidden\n', 1",
    "'ann\nhidden\n\n', 3",
    "'ann\nhidden\nmore', 3",
  })
  void file_ofAnotherNumberOfLines_isRefusedWithoutQuotingIt(String content, int lines)
      throws Exception {
    Secret secret = Secret.file(write(content));

    assertThatIOException()
        .isThrownBy(() -> read(secret))
        .withMessage(
            "it must have exactly two lines, the user and then the password, but has " + lines);
  }

  @Test
  void file_withAnEmptyPassword_isRefused() throws Exception {
    Secret secret = Secret.file(write("ann\n\n"));

    assertThatIOException()
        .isThrownBy(() -> read(secret))
        .withMessage("its second line, the password, is empty");
  }

  @Test
  void file_thatIsMissing_isNamed() {
    Path file = folder.resolve("missing");

    assertThatIOException()
        .isThrownBy(() -> read(Secret.file(file)))
        .withMessage("there is no file " + file);
  }

  @Test
  void file_thatIsAFolderOrTooLargeOrNoText_isRefused() throws Exception {
    assertThatIOException()
        .isThrownBy(() -> read(Secret.file(folder)))
        .withMessage(folder + " is a folder; name a file");
    Path large = write("a\n" + "b".repeat(70_000));
    assertThatIOException()
        .isThrownBy(() -> read(Secret.file(large)))
        .withMessageContaining("has more than 65536 bytes");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {'a', '\n', (byte) 0xff});
    assertThatIOException()
        .isThrownBy(() -> read(Secret.file(binary)))
        .withMessage(binary + " is not a text in UTF-8");
  }

  @Test
  void file_thatChanges_isReadAnew() throws Exception {
    Secret secret = Secret.file(write("ann\nold"));
    assertThat(read(secret)).isEqualTo(new Secret.Value.Password("ann", "old"));

    write("ann\nnew");

    assertThat(read(secret)).isEqualTo(new Secret.Value.Password("ann", "new"));
  }

  // ---------------------------------------------------------------- the environment

  @Test
  void environment_givesTheVariablesOfTheProgram() throws Exception {
    String path = System.getenv("PATH");

    assertThat(read(Secret.environment("PATH", "PATH")))
        .isEqualTo(new Secret.Value.Password(path, path));
  }

  @Test
  void environment_withoutAVariable_namesIt() {
    assertThatIOException()
        .isThrownBy(() -> read(Secret.environment("PATH", "GRAIN_TEST_NOT_SET")))
        .withMessage("the variable GRAIN_TEST_NOT_SET is not set; set it for the program");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Secret.environment("PATH", " "))
        .withMessage("passwordVariable is blank: name an environment variable");
  }

  // ---------------------------------------------------------------- ssh keys

  private static String openSsh(String cipher) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeBytes("openssh-key-v1\0");
      out.writeInt(cipher.length());
      out.writeBytes(cipher);
      out.write(new byte[200]);
    }
    return "-----BEGIN OPENSSH PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(70, new byte[] {'\n'}).encodeToString(bytes.toByteArray())
        + "\n-----END OPENSSH PRIVATE KEY-----\n";
  }

  @Test
  void sshKey_withoutAPassPhrase_givesTheWholeFile() throws Exception {
    String pem = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    for (String key : new String[] {openSsh("none"), pem, "a comment\n" + openSsh("none")}) {
      assertThat(read(Secret.sshKey(write(key)))).isEqualTo(new Secret.Value.SshKey("", key));
    }
  }

  @Test
  void sshKey_withAPassPhrase_isRefused() throws Exception {
    String pem =
        """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,00

        AAAA
        -----END RSA PRIVATE KEY-----
        """;
    String pkcs8 =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (String key : new String[] {openSsh("aes256-ctr"), pem, pkcs8}) {
      Secret secret = Secret.sshKey(write(key));
      assertThatIOException()
          .isThrownBy(() -> read(secret))
          .withMessageStartingWith("the key has a pass phrase, which nobody can enter on a worker");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ssh-ed25519 AAAA ann@host, it holds a public key; name the file of the private key",
    "PuTTY-User-Key-File-3: ssh-ed25519, 'the key has the format of PuTTY; export it in the format of"
        + " OpenSSH'",
    "hidden, 'it holds no private key: a line \"-----BEGIN ... PRIVATE KEY-----\" is missing'",
    "-----BEGIN OPENSSH PRIVATE KEY-----!!-----END OPENSSH PRIVATE KEY-----, the key in it is damaged",
  })
  void sshKey_thatIsNone_isRefused(String content, String message) throws Exception {
    Secret secret = Secret.sshKey(write(content));

    assertThatIOException().isThrownBy(() -> read(secret)).withMessage(message);
  }

  // ---------------------------------------------------------------- all

  @Test
  void toString_ofSecretsAndValues_hasNoSecret() throws Exception {
    Path file = write("ann\nhidden");

    assertThat(Credentials.git("https://host/acme", Secret.file(file)))
        .hasToString("Git credentials for https://host/acme from the file " + file);
    assertThat(Credentials.docker("ghcr.io", Secret.dockerConfig()))
        .hasToString("Docker credentials for ghcr.io from the Docker configuration");
    assertThat(read(Secret.file(file))).hasToString("password of ann");
    assertThat(new Secret.Value.SshKey("", "hidden")).hasToString("ssh key");
    assertThat(Secret.from(_ -> new Secret.Value.Password("ann", "hidden")))
        .hasToString("a source of the program");
  }

  @Test
  void credentials_withASecretThatCannotFit_areRefused() {
    Secret key = Secret.sshKey(folder.resolve("id"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Credentials.docker("ghcr.io", key))
        .withMessageStartingWith(
            "The registry ghcr.io takes a user and a password, not the ssh key");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Credentials.git("https://host", Secret.dockerConfig()))
        .withMessage(
            "The Docker configuration has no logins for git servers: give another secret for"
                + " https://host");
  }

  @Test
  void credentials_ofRunOptions_accumulateInCopies() {
    Credentials first = Credentials.git("a.org", Secret.file(folder));
    Credentials second = Credentials.git("b.org", Secret.file(folder));
    RunOptions none = RunOptions.defaults();

    RunOptions both = none.credentials(first).credentials(second);

    assertThat(both.use().credentials()).containsExactly(first, second);
    assertThat(none.use().credentials()).isEmpty();
    assertThatNullPointerException().isThrownBy(() -> none.credentials((Credentials) null));
  }

  // ---------------------------------------------------------------- a source of the program

  @Test
  void from_aSource_isDescribedAsItSays() throws Exception {
    Secret.Value login = new Secret.Value.Password("ann", "hidden");

    Secret secret = Secret.from("the vault entry git-token", _ -> login);

    assertThat(read(secret)).isEqualTo(login);
    assertThat(secret).hasToString("the vault entry git-token");
    assertThat(Secret.from(_ -> login)).hasToString("a source of the program");
  }

  @Test
  void from_withoutADescription_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Secret.from(" ", _ -> new Secret.Value.SshKey("", "key")))
        .withMessage("description is blank: say where the secret is");
  }

  @Test
  void texts_areParsedAsFilesAre() throws Exception {
    assertThat(Secret.Value.Password.parse("ann\nhidden\n"))
        .isEqualTo(new Secret.Value.Password("ann", "hidden"));
    assertThatIOException()
        .isThrownBy(() -> Secret.Value.SshKey.parse("ssh-ed25519 AAAA ann"))
        .withMessage("it holds a public key; name the file of the private key");
  }
}
