package dev.grain.top;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.minion.report.Report;
import dev.tamboui.buffer.Buffer;
import dev.tamboui.buffer.Cell;
import dev.tamboui.layout.Rect;
import dev.tamboui.tui.event.KeyCode;
import dev.tamboui.tui.event.KeyEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the screen of {@code mtop} shows. */
final class TopScreenTest {
  private static final Look PLAIN = new Look(Letters.UNICODE, false);

  @TempDir private Path folder;

  private final View view = new View();

  @BeforeEach
  void write() throws IOException {
    Sample.write(folder);
  }

  private void read(int width) throws IOException {
    assertThat(view.onReport(Sample.read(folder, TopScreen.steps(width)), null)).isTrue();
  }

  private List<String> draw(Look look, int width, int height) {
    Buffer buffer = Buffer.empty(new Rect(0, 0, width, height));
    new TopScreen("minion-report", look, ZoneOffset.UTC).draw(view, buffer);
    List<String> lines = new ArrayList<>();
    for (int y = 0; y < height; y++) {
      StringBuilder line = new StringBuilder();
      for (int x = 0; x < width; x++) {
        Cell cell = buffer.get(x, y);
        if (!cell.isContinuation()) {
          line.append(cell.symbol());
        }
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private void press(String letters) {
    letters.chars().forEach(letter -> view.onKey(KeyEvent.ofChar((char) letter)));
  }

  private void press(KeyCode key) {
    view.onKey(KeyEvent.ofKey(key));
  }

  private List<String> nodes() {
    return view.minions().stream().map(Report.OfMinion::nodename).toList();
  }

  // ---------------------------------------------------------------- screens

  @Test
  void minions_onAnUsualScreen() throws IOException {
    read(80);
    Golden.assertSame("minions-80x24", draw(PLAIN, 80, 24));
  }

  @Test
  void minions_onALargeScreen() throws IOException {
    read(120);
    Golden.assertSame("minions-120x40", draw(PLAIN, 120, 40));
  }

  @Test
  void minions_onANarrowScreen() throws IOException {
    read(50);
    Golden.assertSame("minions-50x20", draw(PLAIN, 50, 20));
  }

  @Test
  void minions_withoutUnicode() throws IOException {
    read(80);
    Golden.assertSame("minions-ascii-80x24", draw(new Look(Letters.ASCII, false), 80, 24));
  }

  @Test
  void colors_changeNoLetter() throws IOException {
    read(80);
    assertThat(draw(new Look(Letters.UNICODE, true), 80, 24)).isEqualTo(draw(PLAIN, 80, 24));
  }

  @Test
  void minion_showsItemsErrorsAndOutput() throws IOException {
    read(80);
    press(KeyCode.ENTER);
    Golden.assertSame("minion-80x24", draw(PLAIN, 80, 24));
  }

  @Test
  void minion_isScrolled() throws IOException {
    read(80);
    press(KeyCode.ENTER);
    List<String> before = draw(PLAIN, 80, 12);
    press(KeyCode.END);
    List<String> after = draw(PLAIN, 80, 12);
    assertThat(before).noneMatch(line -> line.contains("item item 10 failed: boom"));
    assertThat(after).anyMatch(line -> line.contains("item item 10 failed: boom"));
    // what programs print does not reach the terminal as it is
    assertThat(String.join("", after)).doesNotContain("\u001b[");
  }

  @Test
  void help_listsTheKeys() throws IOException {
    read(80);
    press("?");
    Golden.assertSame("help-80x24", draw(PLAIN, 80, 24));
    press(KeyCode.ESCAPE);
    assertThat(view.page()).isEqualTo(View.Page.MINIONS);
  }

  @Test
  void screen_thatIsTooSmall_saysSo() throws IOException {
    read(80);
    assertThat(draw(PLAIN, 30, 6)).first().asString().startsWith("mtop needs 40 x 8;");
    assertThat(draw(PLAIN, 1, 1)).hasSize(1);
  }

  @Test
  void everySize_isDrawn() throws IOException {
    read(80);
    for (KeyCode next : List.of(KeyCode.ENTER, KeyCode.ESCAPE, KeyCode.F1)) {
      for (int width = 1; width < 140; width += 7) {
        for (int height = 1; height < 50; height += 3) {
          assertThat(draw(PLAIN, width, height)).as(view.page() + " " + width).hasSize(height);
        }
      }
      press(next);
      press(next == KeyCode.ESCAPE ? "?" : "");
    }
  }

  @Test
  void screen_withoutAnyMinion_saysWhatToDo() {
    assertThat(draw(PLAIN, 80, 24)).anyMatch(line -> line.contains("Reading minion-report ..."));
    assertThat(view.onReport(null, "json reports no stat: there is no folder x.")).isTrue();
    assertThat(draw(PLAIN, 80, 24)).anyMatch(line -> line.contains("there is no folder x."));
  }

  // ---------------------------------------------------------------- keys

  @Test
  void sorting_goesByEachColumn() throws IOException {
    read(80);
    assertThat(nodes()).containsExactly("igrida-12", "igrida-13", "igrida-14");
    press("r");
    assertThat(nodes()).containsExactly("igrida-14", "igrida-13", "igrida-12");
    press("r>>>>");
    assertThat(view.column()).isEqualTo(Column.FAILED);
    assertThat(nodes()).containsExactly("igrida-12", "igrida-13", "igrida-14");
    press("r");
    assertThat(nodes()).containsExactly("igrida-14", "igrida-13", "igrida-12");
  }

  @Test
  void filter_keepsWhatMatches() throws IOException {
    read(80);
    press("/1287857");
    assertThat(nodes()).containsExactly("igrida-13");
    assertThat(draw(PLAIN, 80, 24)).last().asString().startsWith("/1287857_");
    press(KeyCode.ENTER);
    press("q");
    assertThat(view.isOver()).as("q is a key again").isTrue();
    press(KeyCode.ESCAPE);
    assertThat(nodes()).hasSize(3);
    press("/SILENT");
    assertThat(nodes()).containsExactly("igrida-14");
    press("x");
    assertThat(nodes()).isEmpty();
    assertThat(draw(PLAIN, 80, 24)).anyMatch(line -> line.contains("No minion matches 'SILENTx'"));
    press(KeyCode.BACKSPACE);
    assertThat(nodes()).containsExactly("igrida-14");
  }

  @Test
  void minionsAtWork_canBeShownAlone() throws IOException {
    read(80);
    press("a");
    assertThat(nodes()).containsExactly("igrida-12", "igrida-13");
  }

  @Test
  void minionThatIsChosen_staysChosen_howeverItIsSorted() throws IOException {
    read(80);
    press("j");
    assertThat(view.selected()).extracting(Report.OfMinion::nodename).isEqualTo("igrida-13");
    press("r>");
    assertThat(view.selected()).extracting(Report.OfMinion::nodename).isEqualTo("igrida-13");
    press(KeyCode.HOME);
    press(KeyCode.END);
    assertThat(view.selectedPlace(view.minions())).isEqualTo(2);
  }

  @Test
  void pause_keepsTheView() throws IOException {
    read(80);
    press("p");
    assertThat(view.onReport(null, "gone")).isFalse();
    assertThat(view.problem()).isNull();
    assertThat(draw(PLAIN, 80, 24)).first().asString().contains("PAUSED");
    press(" ");
    assertThat(view.onReport(null, "gone")).isTrue();
    assertThat(draw(PLAIN, 80, 24)).last().asString().startsWith("gone");
  }
}
