package dev.grain.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Cutting and joining sequences. */
final class BytesTest {
  @Test
  void pieces_ofALongArray_areNoLongerThanAsked() {
    Bytes whole = random(1_000);

    List<Bytes> pieces = pieces(whole, 300);

    assertThat(pieces).extracting(Bytes::length).containsExactly(300L, 300L, 300L, 100L);
    assertThat(Bytes.join(pieces)).isEqualTo(whole);
  }

  @Test
  void pieces_ofChunksThatAreShortEnough_shareThem() {
    byte[] first = {1, 2, 3};
    byte[] second = {4, 5};
    Bytes whole = Bytes.join(List.of(Bytes.of(first), Bytes.of(second)));

    List<Bytes> pieces = pieces(whole, 3);

    assertThat(pieces).hasSize(2);
    assertThat(pieces.get(0).single()).isSameAs(first);
    assertThat(pieces.get(1).single()).isSameAs(second);
  }

  @Test
  void pieces_ofWhatABuilderMade_areItsChunks() throws IOException {
    Bytes.Builder builder = new Bytes.Builder(Long.MAX_VALUE);
    byte[] some = new byte[100_000];
    for (int i = 0; i < 10; i++) {
      builder.write(some);
    }
    assertThat(pieces(builder.toBytes(), 256 * 1024))
        .extracting(Bytes::length)
        .containsExactly(262_128L, 262_128L, 262_128L, 213_616L);
  }

  @Test
  void pieces_ofNothing_areNone() {
    assertThat(pieces(Bytes.empty(), 1)).isEmpty();
  }

  @Test
  void join_ofEmptySequences_isEmpty() {
    assertThat(Bytes.join(List.of())).isSameAs(Bytes.empty());
    assertThat(Bytes.join(List.of(Bytes.empty(), Bytes.empty()))).isEqualTo(Bytes.empty());
  }

  @Test
  void joinOfPieces_atRandom_isTheSame() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      List<Bytes> parts = new ArrayList<>();
      for (int left = random.nextInt(5); left > 0; left--) {
        parts.add(random(random.nextInt(50)));
      }
      Bytes whole = Bytes.join(parts);
      int most = 1 + random.nextInt(60);
      assertThat(pieces(whole, most))
          .allMatch(piece -> piece.length() > 0 && piece.length() <= most)
          .satisfies(pieces -> assertThat(Bytes.join(new ArrayList<>(pieces))).isEqualTo(whole));
    }
  }

  @Test
  void builder_givenShortAndLongArrays_keepsTheirOrder() throws IOException {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 20; i++) {
      Bytes.Builder builder = new Bytes.Builder(Long.MAX_VALUE);
      List<Bytes> parts = new ArrayList<>();
      for (int left = 1 + random.nextInt(6); left > 0; left--) {
        byte[] part = new byte[1 + random.nextInt(random.nextBoolean() ? 20 : 3 * Bytes.CHUNK)];
        random.nextBytes(part);
        builder.write(part);
        parts.add(Bytes.of(part));
      }
      long length = builder.length();
      Bytes whole = builder.toBytes();

      assertThat(whole).isEqualTo(Bytes.join(parts));
      assertThat(whole.length()).isEqualTo(length);
      assertThat(whole.chunks()).allMatch(chunk -> chunk.length <= Bytes.CHUNK);
    }
  }

  @Test
  void builder_givenAnArrayOverTheLimit_takesNothingOfIt() throws IOException {
    Bytes.Builder builder = new Bytes.Builder(3L * Bytes.CHUNK);
    builder.write(1);

    assertThatThrownBy(() -> builder.write(new byte[3 * Bytes.CHUNK]))
        .isInstanceOf(Bytes.LimitExceededException.class);
    assertThat(builder.toBytes().length()).isEqualTo(1);
  }

  private static List<Bytes> pieces(Bytes whole, int most) {
    List<Bytes> pieces = new ArrayList<>();
    whole.pieces(most).forEachRemaining(pieces::add);
    return pieces;
  }

  private static Bytes random(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(length).nextBytes(bytes);
    return Bytes.of(bytes);
  }
}
