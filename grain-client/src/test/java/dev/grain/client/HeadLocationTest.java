package dev.grain.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.grain.client.HeadLocation.Source;
import dev.grain.key.ServerKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeadLocationTest {
  private static final String FINGERPRINT = "SHA256:" + "a".repeat(43);
  private static final String OTHER = "SHA256:" + "b".repeat(43);

  @TempDir private Path folder;

  private final Map<String, String> variables = new HashMap<>();

  @BeforeEach
  void setFolders() {
    variables.put("XDG_CONFIG_HOME", folder.resolve("config").toString());
    variables.put("XDG_DATA_HOME", folder.resolve("data").toString());
  }

  private Path login() {
    return folder.resolve("config/grain/login.json");
  }

  private HeadLocation found() {
    return HeadLocation.find(variables).orElseThrow();
  }

  private void runOwnHead() throws IOException {
    Path own = HeadLocation.ownFolder(variables);
    assertThat(own).isEqualTo(folder.resolve("data/grain/head"));
    var _ = ServerKey.loadOrCreate(own, List.of("localhost"));
    Files.writeString(own.resolve("admin.token"), "grain_own\n");
    Files.writeString(own.resolve("https.url"), "https://127.0.0.1:4711\n");
  }

  @ParameterizedTest
  @CsvSource({
    "https://head:15320, https://head:15320",
    "https://head/, https://head:15320",
    "head, https://head:15320",
    "head:443, https://head:443",
    "HTTPS://10.0.0.1:1, https://10.0.0.1:1",
    "'https://[::1]:1', 'https://[::1]:1'",
    "http://127.0.0.1:8080, http://127.0.0.1:8080",
  })
  void of_anAddress_addsWhatIsMissing(String text, String url) {
    assertThat(HeadLocation.of(text).url()).hasToString(url);
  }

  @ParameterizedTest
  @CsvSource({
    "http://head:15320, would send the token in plain text",
    "https://head/api, has more than a host and a port",
    "https://ada@head, has more than a host and a port",
    "https://head?x=1, has more than a host and a port",
    "grain://head:15319, is not one of https",
    "https://a b, is no address",
    "https://, is no address",
    "https://under_score:1, names no host",
  })
  void of_whatIsNoAddress_saysWhy(String text, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadLocation.of(text))
        .withMessageContaining(why);
  }

  @Test
  void find_withoutAnything_findsNothing() {
    assertThat(HeadLocation.find(variables)).isEmpty();
  }

  @Test
  void find_theHeadThatRunsHere_isTheLast() throws IOException {
    runOwnHead();
    assertThat(found().url()).hasToString("https://127.0.0.1:4711");
    assertThat(found().source()).isEqualTo(Source.OWN);
    assertThat(found().token()).contains("grain_own");
    assertThat(found().fingerprint().orElseThrow()).startsWith("SHA256:");
    // a token for some other head is none for this one
    variables.put("GRAIN_TOKEN", "grain_elsewhere");
    assertThat(found().token()).contains("grain_own");

    HeadLocation.of("head1").withToken("grain_1").keep(variables);
    assertThat(found().url()).hasToString("https://head1:15320");
    assertThat(found().source()).isEqualTo(Source.LOGIN);
    assertThat(found().token()).contains("grain_elsewhere");

    variables.put("GRAIN_HEAD", "https://head2:15320");
    assertThat(found().url()).hasToString("https://head2:15320");
    assertThat(found().source()).isEqualTo(Source.NAMED);
    assertThat(found().fingerprint()).isEmpty();
  }

  @Test
  void named_aHeadThatIsKnown_hasItsKeyAndItsToken() throws IOException {
    runOwnHead();
    HeadLocation.of("head1").withToken("grain_1").withFingerprint(FINGERPRINT).keep(variables);
    HeadLocation named = HeadLocation.named("https://head1:15320/", variables);
    assertThat(named.token()).contains("grain_1");
    assertThat(named.fingerprint()).contains(FINGERPRINT);
    assertThat(HeadLocation.named("127.0.0.1:4711", variables).token()).contains("grain_own");
    assertThat(HeadLocation.named("head3", variables).hasToken()).isFalse();

    variables.put("GRAIN_TOKEN", "grain_2");
    variables.put("GRAIN_FINGERPRINT", OTHER);
    assertThat(HeadLocation.named("head1", variables).token()).contains("grain_2");
    assertThat(HeadLocation.named("head1", variables).fingerprint()).contains(OTHER);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the permissions are those of Linux")
  void keep_writesAFileForTheUserAlone_andForgetRemovesIt() throws IOException {
    HeadLocation.of("head1").withToken("grain_1").withFingerprint(FINGERPRINT).keep(variables);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(login())))
        .isEqualTo("rw-------");
    HeadLocation.of("head2").withToken("grain_2").keep(variables);
    assertThat(found().url()).hasToString("https://head2:15320");
    assertThat(found().fingerprint()).isEmpty();
    assertThat(found()).hasToString("https://head2:15320");
    try (var files = Files.list(login().getParent())) {
      assertThat(files).containsExactly(login());
    }

    Files.setPosixFilePermissions(login(), PosixFilePermissions.fromString("rw-r-----"));
    assertThatIllegalStateException()
        .isThrownBy(this::found)
        .withMessageContaining("can be read by others")
        .withMessageContaining("chmod 600");

    assertThat(HeadLocation.forget(variables)).contains("https://head2:15320");
    assertThat(HeadLocation.forget(variables)).isEmpty();
    assertThat(HeadLocation.find(variables)).isEmpty();
  }

  @Test
  void find_filesThatAreDamaged_areNamed() throws IOException {
    HeadLocation.of("head1").withToken("grain_1").keep(variables);
    Files.writeString(login(), "{\"url\": \"https://head1\"}");
    assertThatIllegalStateException()
        .isThrownBy(this::found)
        .withMessageContaining("login.json is damaged: \"token\" is missing")
        .withMessageContaining("grain login");
    Files.writeString(login(), "nothing");
    assertThat(HeadLocation.forget(variables)).contains(login().toString());

    runOwnHead();
    Files.writeString(HeadLocation.ownFolder(variables).resolve("https.crt"), "damaged");
    assertThatIllegalStateException()
        .isThrownBy(this::found)
        .withMessageContaining("https.crt")
        .withMessageContaining("grain head start");
  }

  @Test
  void withToken_whatIsNone_isRefused_withoutItsText() {
    for (String token : List.of("", "two words", "grain_\u00e9")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> HeadLocation.of("head").withToken(token))
          .withMessageContaining("grain tokens add")
          .withMessageNotContaining("two words");
    }
  }
}
