package dev.grain.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.bytes.Bytes;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentSettingTest {
  private static EnvironmentSetting setting(EnvironmentKind kind) {
    SequencedMap<String, Bytes> files = new LinkedHashMap<>();
    files.put("b/größe.txt", Bytes.utf8("first"));
    files.put("a", Bytes.join(List.of(Bytes.utf8("in two "), Bytes.utf8("chunks"))));
    files.put("empty", Bytes.empty());
    return new EnvironmentSetting(
        kind, "b/größe.txt", files, List.of("src", "Makefile"), "python3.12", 5);
  }

  @ParameterizedTest
  @EnumSource
  void setting_encodedAndDecoded_isTheSame(EnvironmentKind kind) throws IOException {
    EnvironmentSetting decoded = EnvironmentSetting.decode(setting(kind).encode());

    assertThat(decoded).isEqualTo(setting(kind));
    assertThat(decoded.files().sequencedKeySet()).containsExactly("b/größe.txt", "a", "empty");
    assertThat(decoded.travels()).isTrue();
  }

  @Test
  void settingOfAFileInTheCode_encodedAndDecoded_isTheSame() throws IOException {
    EnvironmentSetting inCode =
        new EnvironmentSetting(
            EnvironmentKind.VENV, "requirements.txt", new LinkedHashMap<>(), List.of(), "", 1);

    assertThat(EnvironmentSetting.decode(inCode.encode())).isEqualTo(inCode);
    assertThat(inCode.travels()).isFalse();
  }

  @Test
  void decode_ofBytesThatEndEarlyOrNameAnotherKind_fails() throws IOException {
    byte[] bytes = setting(EnvironmentKind.CONDA).encode().stream().readAllBytes();
    for (int length = 0; length < bytes.length; length++) {
      Bytes cut = Bytes.of(Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> EnvironmentSetting.decode(cut)).isInstanceOf(EOFException.class);
    }
    bytes[4] = 'X';
    assertThatThrownBy(() -> EnvironmentSetting.decode(Bytes.of(bytes)))
        .isInstanceOf(IOException.class)
        .hasMessage("\"XONDA\" is no kind of environment");
  }

  @ParameterizedTest
  @CsvSource({
    "requirements.txt, VENV",
    "requirements-dev.txt, VENV",
    "environment.yml, CONDA",
    "environment.yaml, CONDA",
    "pyproject.toml, POETRY",
    "pom.xml, MAVEN",
    "setup.sh, SCRIPT"
  })
  void fileName_thatIsKnown_tellsTheKind(String name, EnvironmentKind kind) {
    assertThat(EnvironmentKind.ofFile(name)).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(strings = {"deps.txt", "environment.json", "POM.XML", "setup.py", ""})
  void fileName_thatIsNotKnown_isAnErrorThatListsThoseThatAre(String name) {
    assertThatThrownBy(() -> EnvironmentKind.ofFile(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "\"%s\" is not the name of a file that defines an environment. Known are requirements*.txt,"
                    .formatted(name)
                + " environment.yml, pyproject.toml, pom.xml, *.sh; for a file with another name, call"
                + " the method of its kind, such as Environment.venv.");
  }
}
