package dev.grain.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "python, registry-1.docker.io, library/python, latest",
    "python:3.12, registry-1.docker.io, library/python, 3.12",
    "a/b, registry-1.docker.io, a/b, latest",
    "docker.io/python:3, registry-1.docker.io, library/python, 3",
    "index.docker.io/a/b:1, registry-1.docker.io, a/b, 1",
    "gcr.io/x/y, gcr.io, x/y, latest",
    "localhost/x, localhost, x, latest",
    "localhost:5000/x:2, localhost:5000, x, 2",
    "LOCALHOST:5000/x, localhost:5000, x, latest",
    "127.0.0.1:5001/team/train:A_1.b-c, 127.0.0.1:5001, team/train, A_1.b-c",
    "0123.dkr.ecr.eu-west-1.amazonaws.com/code1, 0123.dkr.ecr.eu-west-1.amazonaws.com, code1,"
        + " latest",
    "[::1]:5000/x, [::1]:5000, x, latest"
  })
  void name_hasARegistry_ifItsFirstPartLooksLikeOne(
      String text, String registry, String repository, String tag) {
    ImageName name = ImageName.parse(text);
    assertThat(name).isEqualTo(new ImageName(registry, repository, tag, ""));
    assertThat(ImageName.parse(name.reference())).isEqualTo(name);
    assertThat(ImageName.parse(name.words())).isEqualTo(name);
  }

  @Test
  void digest_fixesTheContent() {
    ImageName name = ImageName.parse("ghcr.io/team/train:2@" + DIGEST);
    assertThat(name.isFixed()).isTrue();
    assertThat(name.reference()).isEqualTo("ghcr.io/team/train@" + DIGEST);
    assertThat(name.words()).isEqualTo("ghcr.io/team/train:2");
    assertThat(ImageName.parse("ghcr.io/team/train:2").at(DIGEST)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/",
        "a/",
        "/a",
        "A",
        "a:",
        "a:-1",
        "a b",
        "a@",
        "a@sha256:12",
        "a@md5:0",
        "a//b",
        "a..b",
        "exa mple.org/a",
        "-.org/a",
        "example.org:x/a",
        "a:b:c",
        "user:pw@example.org/a"
      })
  void textThatIsNoName_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageName.parse(text))
        .withMessageContaining("\"" + text + "\" is no name of an image");
  }
}
