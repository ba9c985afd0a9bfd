package dev.grain.resource.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          8000-8003    | [8000, 8001, 8002, 8003]
          b,a          | [a, b]
          a,           | [a]
          7-7          | [7]
          08-10        | [08, 09, 10]
          9-11         | [9, 10, 11]
          12,x,9,01,1  | [1, 01, 9, 12, x]
          0-1,5-6      | [0, 1, 5, 6]
          GPU-8f6,a-b  | [GPU-8f6, a-b]
          """)
  void parse_list_givesEachIdInAscendingOrder(String text, String ids) {
    assertThat(Ids.parse(text).list().toString()).isEqualTo(ids);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0-4,7          | 0-4,7
          1,2            | 1,2
          08-10,11       | 08-11
          97-99,100      | 97-100
          09-11,099-101  | 09-11,099-101
          98,99,100,a,b  | 98-100,a,b
          """)
  void toString_givesAListThatMeansTheSame(String text, String shown) {
    Ids ids = Ids.parse(text);
    assertThat(ids.toString()).isEqualTo(shown);
    assertThat(Ids.parse(shown)).isEqualTo(ids);
  }

  @Test
  void toString_zerosThatEndInTheMiddle_isNoRangeOverThem() {
    Ids ids = Ids.parse("097-099,100-102");
    assertThat(Ids.parse(ids.toString())).isEqualTo(ids);
    Ids mixed = Ids.parse("08,09,10-99,100,101");
    assertThat(Ids.parse(mixed.toString())).isEqualTo(mixed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ""          | there is an empty id; separate ids by one comma, as in 8000,8003
          ","         | there is an empty id; separate ids by one comma, as in 8000,8003
          a,,b        | there is an empty id; separate ids by one comma, as in 8000,8003
          "a, b"      | the id ' b' has ' ' in it; use ASCII characters other than blanks and commas
          ä,b         | the id 'ä' has 'ä' in it; use ASCII characters other than blanks and commas
          ٣,٤         | the id '٣' has '٣' in it; use ASCII characters other than blanks and commas
          8001,8000-8002 | the id 8001 is listed twice; list each once
          9-8         | the range 9-8 runs backwards; write 8-9
          9-010       | the ends of the range 9-010 have leading zeros; write both with the same number of digits
          8000-       | the range 8000- has no end
          0-100000    | more than 100000 ids; list fewer
          0-9999999999999999999 | the range 0-999999999999999999... has a number of more than 18 digits
          """)
  void parse_whatIsNoList_saysWhy(String text, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> Ids.parse(text)).withMessage(message);
  }

  @Test
  void parse_longId_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ids.parse("x".repeat(101)))
        .withMessage("the id xxxxxxxxxxxxxxxxxxxx... has 101 characters; use at most 100");
  }

  @Test
  void parse_moreTextThanAMessageTakes_isRefused() {
    StringBuilder odd = new StringBuilder();
    for (int id = 10_001; id < 20_000; id += 2) {
      odd.append(id).append(',');
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ids.parse(odd.toString()))
        .withMessageContaining("use ranges or shorter ids");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          8      | false
          2.5    | false
          -5     | false
          1e-3   | false
          a      | false
          a,     | true
          2,5    | true
          8-9    | true
          """)
  void isList_tellsIdsFromAnAmount(String text, boolean list) {
    assertThat(Ids.isList(text)).isEqualTo(list);
  }
}
