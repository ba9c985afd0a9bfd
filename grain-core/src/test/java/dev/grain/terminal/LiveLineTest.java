package dev.grain.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The line, on a terminal that is an array. */
final class LiveLineTest {
  private static final String ERASE = "\r\u001b[2K";

  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final PrintStream device = new PrintStream(screen, false, StandardCharsets.UTF_8);
  private final PrintStream program = new PrintStream(screen, false, StandardCharsets.UTF_8);
  private final LiveLine line = new LiveLine(new Terminal(80, true, true), device);
  private final Object owner = new Object();
  private final Object other = new Object();

  private void print(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    line.print(program, bytes, 0, bytes.length);
    program.flush();
  }

  private static String drawn(String text) {
    return "\r\u001b[?7l" + text + "\u001b[K\u001b[?7h\r";
  }

  private void assertSent(String expected) {
    assertThat(screen.toString(StandardCharsets.UTF_8)).isEqualTo(expected);
    screen.reset();
  }

  @Test
  void print_withoutALine_sendsNothingElse() {
    print("hello\n");
    assertSent("hello\n");
  }

  @Test
  void print_whileTheLineIsShown_goesAboveIt() {
    line.show(owner, "50 %");
    assertSent(drawn("50 %"));
    print("hello\n");
    assertSent(ERASE + "hello\n" + drawn("50 %"));
  }

  @Test
  void print_ofPartOfALine_keepsTheLineAwayUntilItsEnd() {
    line.show(owner, "50 %");
    screen.reset();
    print("name: ");
    assertSent(ERASE + "name: ");
    line.show(owner, "60 %");
    assertSent("");
    print("Ada");
    assertSent("Ada");
    print("\n");
    assertSent("\n" + drawn("60 %"));
  }

  @Test
  void print_ofNothing_sendsNothing() {
    line.show(owner, "50 %");
    screen.reset();
    print("");
    assertSent("");
  }

  @Test
  void show_byASecondOwner_isIgnoredUntilTheFirstHides() {
    line.show(owner, "first");
    screen.reset();
    line.show(other, "second");
    line.hide(other);
    assertSent("");
    line.hide(owner);
    assertSent(ERASE);
    line.show(other, "second");
    assertSent(drawn("second"));
  }

  @Test
  void hide_ofWhatIsNotVisible_sendsNothing() {
    line.hide(owner);
    assertSent("");
    line.show(owner, "50 %");
    print("name: ");
    screen.reset();
    line.hide(owner);
    print("Ada\n");
    assertSent("Ada\n");
  }
}
