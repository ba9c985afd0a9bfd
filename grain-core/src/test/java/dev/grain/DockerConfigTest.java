package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.testing.Processes;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code docker login} leaves, and the helpers that it names. */
final class DockerConfigTest {
  @TempDir private Path folder;
  @TempDir private Path programs;

  private @Nullable String environment(String name) {
    return switch (name) {
      case "DOCKER_CONFIG" -> folder.toString();
      case "PATH" -> "" + File.pathSeparator + folder + File.pathSeparator + programs;
      default -> null;
    };
  }

  private Path file() {
    return folder.resolve("config.json");
  }

  private void write(String config) throws IOException {
    Files.writeString(file(), config);
  }

  private Secret.Value read(String target) throws Exception {
    return new DockerConfig(this::environment).read(target);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Makes a helper that writes down what it is asked, and runs the lines. */
  private void helper(String name, String lines) throws IOException {
    assumeTrue(File.separatorChar == '/', "helpers are shell scripts here");
    Path script = programs.resolve("docker-credential-" + name);
    Files.writeString(
        script,
        "#!/bin/sh\ncat > '%s'/asked\necho \" $*\" >> '%s'/asked\n%s\n"
            .formatted(programs, programs, lines));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  private String asked() throws IOException {
    return Files.readString(programs.resolve("asked")).strip();
  }

  // ---------------------------------------------------------------- the file

  @ParameterizedTest
  @CsvSource({
    "ghcr.io/acme/train, ghcr.io",
    "ghcr.io/acme/train, https://ghcr.io",
    "registry-1.docker.io/library/python, https://index.docker.io/v1/",
    "registry-1.docker.io/library/python, docker.io",
    "localhost:5000/a, localhost:5000",
  })
  void read_auth_isDecodedForTheRegistry(String target, String key) throws Exception {
    write(
        "{\"auths\": {\"other.org\": {\"auth\": \"%s\"}, \"%s\": {\"auth\": \"%s\"}}}"
            .formatted(base64("x:y"), key, base64("ann:hid:den\0\0")));

    assertThat(read(target)).isEqualTo(new Secret.Value.Password("ann", "hid:den"));
  }

  @Test
  void read_identityToken_winsOverAnEmptyPassword() throws Exception {
    write(
        "{\"auths\": {\"a.org\": {\"auth\": \"%s\", \"identitytoken\": \"hidden\"}}}"
            .formatted(base64("00000000-0000-0000-0000-000000000000:")));

    assertThat(read("a.org/r")).isEqualTo(new Secret.Value.Password("<token>", "hidden"));
  }

  @Test
  void read_userAndPasswordInTheClear_areTaken() throws Exception {
    write("{\"auths\": {\"a.org\": {\"username\": \"ann\", \"password\": \"hidden\"}}}");

    assertThat(read("a.org/r")).isEqualTo(new Secret.Value.Password("ann", "hidden"));
  }

  @Test
  void read_entriesForPartsOfARegistry_takesTheLongest() throws Exception {
    write(
        "{\"auths\": {\"a.org/x\": {\"auth\": \"%s\"}, \"a.org\": {\"auth\": \"%s\"}}}"
            .formatted(base64("x:x"), base64("all:all")));

    assertThat(read("a.org/x/r")).isEqualTo(new Secret.Value.Password("x", "x"));
    assertThat(read("a.org/xy/r")).isEqualTo(new Secret.Value.Password("all", "all"));
  }

  @Test
  void read_registryThatIsNotThere_saysWhichLoginToRun() throws Exception {
    write("{\"auths\": {\"a.org\": {}}}");

    assertThatIOException()
        .isThrownBy(() -> read("a.org/r"))
        .withMessage(file() + " has no login for a.org; run: docker login a.org");
    assertThatIOException()
        .isThrownBy(() -> read("registry-1.docker.io/library/python"))
        .withMessage(file() + " has no login for registry-1.docker.io; run: docker login");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hidden | is not a JSON object",
        "[\"hidden\"] | is not a JSON object",
        "null | is empty",
        "{\"auths\": \"hidden\"} | is not a JSON object",
        "{\"auths\": {\"a.org\": \"hidden\"}} | is not a JSON object",
        "{\"auths\": {\"a.org\": {\"auth\": \"%hidden\"}}} | is not \"user:password\" in base64",
        "{\"auths\": {\"a.org\": {\"auth\": \"aGlkZGVu\"}}} | is not \"user:password\" in base64",
      })
  void read_damagedFile_saysSoWithoutQuotingIt(String config, String message) throws Exception {
    write(config);

    assertThatIOException()
        .isThrownBy(() -> read("a.org/r"))
        .withMessageContaining(message)
        .withMessageContaining(file().toString())
        .satisfies(e -> assertThat(e.toString()).doesNotContain("hidden"))
        .withNoCause();
  }

  @Test
  void read_withoutAFile_namesIt() {
    assertThatIOException()
        .isThrownBy(() -> read("a.org/r"))
        .withMessage("there is no file " + file());
  }

  // ---------------------------------------------------------------- helpers

  @Test
  void read_withAStore_asksItForTheAddressInTheFile() throws Exception {
    write("{\"auths\": {\"https://index.docker.io/v1/\": {}}, \"credsStore\": \"safe\"}");
    helper("safe", "echo '{\"ServerURL\":\"x\",\"Username\":\"ann\",\"Secret\":\"hidden\"}'");

    assertThat(read("registry-1.docker.io/library/python"))
        .isEqualTo(new Secret.Value.Password("ann", "hidden"));
    assertThat(asked()).isEqualTo("https://index.docker.io/v1/ get");
  }

  @Test
  void read_withAHelperOfTheRegistry_asksItInPlaceOfTheStore() throws Exception {
    write("{\"credHelpers\": {\"a.org:5000\": \"own\"}, \"credsStore\": \"safe\"}");
    helper("own", "echo '{\"Username\":\"<token>\",\"Secret\":\"hidden\"}'");

    assertThat(read("a.org:5000/r")).isEqualTo(new Secret.Value.Password("<token>", "hidden"));
    assertThat(asked()).isEqualTo("a.org:5000 get");
  }

  @Test
  void read_withAHelperThatHasNone_takesTheFileOrSaysSo() throws Exception {
    helper("safe", "echo credentials not found in native keychain; exit 1");
    write(
        "{\"auths\": {\"a.org\": {\"auth\": \"%s\"}}, \"credsStore\": \"safe\"}"
            .formatted(base64("ann:hidden")));

    assertThat(read("a.org/r")).isEqualTo(new Secret.Value.Password("ann", "hidden"));
    assertThatIOException()
        .isThrownBy(() -> read("b.org/r"))
        .withMessage(
            file()
                + " has no login for b.org, and docker-credential-safe has none; run: docker login"
                + " b.org");
  }

  @Test
  void read_withAHelperThatFails_saysWhatItPrinted() throws Exception {
    write("{\"credsStore\": \"safe\"}");
    helper("safe", "echo the safe is locked; echo more; exit 3");

    assertThatIOException()
        .isThrownBy(() -> read("a.org/r"))
        .withMessage("docker-credential-safe failed: the safe is locked");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"hidden", "{\"Username\":\"ann\"}", "null", "{\"Username\":\"a\",\"Secret\":\"\"}"})
  void read_withAHelperThatPrintsSomethingElse_saysSoWithoutQuotingIt(String printed)
      throws Exception {
    write("{\"credsStore\": \"safe\"}");
    helper("safe", "echo '" + printed + "'");

    assertThatIOException()
        .isThrownBy(() -> read("a.org/r"))
        .withMessage(
            "docker-credential-safe did not print a JSON object with \"Username\" and \"Secret\"")
        .withNoCause();
  }

  @Test
  void read_withAHelperThatIsMissing_namesTheProgram() throws Exception {
    write("{\"credsStore\": \"gone\"}");
    assertThatIOException()
        .isThrownBy(() -> read("a.org/r"))
        .withMessage(
            "the configuration of Docker asks for the program docker-credential-gone, which is not"
                + " on the path");

    write("{\"credsStore\": \"../gone\"}");
    assertThatIOException()
        .isThrownBy(() -> read("a.org/r"))
        .withMessage(
            "\"../gone\" in the configuration of Docker is no name of a credential helper");
  }

  @Test
  void read_interrupted_endsTheHelper() throws Exception {
    write("{\"credsStore\": \"slow\"}");
    helper("slow", "echo $$ > '%s'/pid; exec sleep 1000".formatted(programs));
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                read("a.org/r");
              } catch (Throwable e) {
                thrown.complete(e);
              }
            });
    Path pid = programs.resolve("pid");
    String child = Processes.awaitLine(pid);

    reader.interrupt();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    Processes.awaitEnd(child);
  }
}
