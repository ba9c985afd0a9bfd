package dev.grain.node.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is left of a secret in a text. */
final class ScrubTest {
  private static final String PASSWORD = "pa/ss+ wörd\"1?~";

  private static Scrub scrubOf(Login login) {
    Scrub scrub = new Scrub((_, _) -> Optional.of(login));
    try {
      scrub.find(Logins.Service.GIT, "https://host/r");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return scrub;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void clean_passwordThatWasHandedOut_isReplacedInEachForm() {
    Scrub scrub = scrubOf(new Login.Password("ann", PASSWORD));
    String inUrl = URLEncoder.encode(PASSWORD, StandardCharsets.UTF_8);
    List<String> forms =
        List.of(
            PASSWORD,
            inUrl,
            inUrl.replace("+", "%20"),
            "pa%2fss%2b+w%c3%b6rd%221%3f%7e",
            base64(PASSWORD),
            base64("ann:" + PASSWORD),
            base64("ann:" + PASSWORD).replace("=", ""),
            Base64.getUrlEncoder()
                .encodeToString(("ann:" + PASSWORD).getBytes(StandardCharsets.UTF_8)),
            PASSWORD.replace("\"", "\\\""));

    for (String form : forms) {
      assertThat(scrub.clean("got <" + form + "> back")).isEqualTo("got <***> back");
    }
  }

  @Test
  void clean_passwordWithinOtherBase64_isReplacedWhereverItBegins() {
    Scrub scrub = scrubOf(new Login.Password("ann", "correct horse battery"));
    for (String before : List.of("{\"auth\":\"", "{\"auth\": \"", "{\"auth\" : \"")) {
      String encoded = base64(before + "correct horse battery\"}");

      String cleaned = scrub.clean("X-Registry-Auth: " + encoded);

      assertThat(cleaned).contains("***");
      String left = cleaned.substring(cleaned.indexOf("***") + 3);
      assertThat(left.length()).isLessThan(10);
    }
  }

  @Test
  void clean_keyThatWasHandedOut_replacesEachOfItsLines() {
    String key =
        """
        -----BEGIN OPENSSH PRIVATE KEY-----
        b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
        QyNTUxOQAAACDhxyz0123456789
        -----END OPENSSH PRIVATE KEY-----
        """;
    Scrub scrub = scrubOf(new Login.SshKey("git", key));

    assertThat(scrub.clean("invalid key: " + key)).isEqualTo("invalid key: ***\n");
    assertThat(scrub.clean("line 3: QyNTUxOQAAACDhxyz0123456789 ends"))
        .isEqualTo("line 3: *** ends");
  }

  @Test
  void clean_passwordThatContainsAnother_leavesNothingOfEither() {
    Scrub scrub = scrubOf(new Login.Password("ann", "secret"));
    scrub.add(new Login.Password("", "secret-and-more"));

    assertThat(scrub.clean("secret-and-more, secret")).isEqualTo("***, ***");
  }

  @Test
  void clean_passwordInAUrl_isReplacedThoughNobodyHasHandedItOut() {
    Scrub scrub = new Scrub(Logins.NONE);

    assertThat(scrub.clean("cannot fetch https://ann:hidden@host:8080/a@b: no"))
        .isEqualTo("cannot fetch https://***@host:8080/a@b: no");
    assertThat(scrub.clean("cannot fetch ssh://git@host/r from 10:30 on"))
        .isEqualTo("cannot fetch ssh://git@host/r from 10:30 on");
  }

  @Test
  void clean_emptyPassword_changesNothing() {
    Scrub scrub = scrubOf(new Login.Password("ann", ""));

    assertThat(scrub.clean("no route to host")).isEqualTo("no route to host");
  }

  @Test
  void clean_inALocaleWithOtherLetters_replacesTheSame() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr-TR"));
    try {
      assertThat(scrubOf(new Login.Password("", "I/i/I")).clean("I%2fi%2fI")).isEqualTo("***");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void toString_ofSecrets_hasNoneOfThem() {
    Login password = new Login.Password("ann", PASSWORD);

    assertThat(password.toString()).isEqualTo("password of ann");
    assertThat(scrubOf(password).toString()).doesNotContain(PASSWORD);
    assertThat(new Login.SshKey("git", "private").toString()).isEqualTo("ssh key of git");
  }
}
