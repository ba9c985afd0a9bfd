package dev.grain.resource.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Units with ids of one kind, by their positions in the offer.
 *
 * @param kind {@link Kind#GPU} or a custom kind
 * @param positions ascending
 */
public record Units(Kind kind, List<Integer> positions) {
  /** Copies the list. */
  public Units {
    positions = List.copyOf(positions);
  }

  int[] toArray() {
    int[] array = new int[positions.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = positions.get(i);
    }
    return array;
  }

  static void encode(List<Units> all, Encoder encoder) {
    encoder.number(all.size());
    for (Units units : all) {
      // of GPUs the name is empty
      encoder.text(units.kind.isCustom() ? units.kind.name() : "");
      encoder.number(units.positions.size());
      int before = -1;
      for (int position : units.positions) {
        encoder.number(position - before - 1);
        before = position;
      }
    }
  }

  static List<Units> decode(Decoder decoder) {
    List<Units> all = new ArrayList<>();
    for (int left = decoder.count(); left > 0; left--) {
      Kind kind = decoder.unitKind();
      decoder.ensure(
          all.isEmpty() || all.getLast().kind.compareTo(kind) < 0, "the kinds are out of order");
      List<Integer> positions = new ArrayList<>();
      int before = -1;
      for (int more = decoder.count(); more > 0; more--) {
        before = (int) (before + 1 + decoder.number(Amounts.MAX_INDEXED - before - 1));
        positions.add(before);
      }
      decoder.ensure(!positions.isEmpty(), "a kind without units");
      all.add(new Units(kind, positions));
    }
    return all;
  }
}
