// Takes titles away that have unwanted words in them.
//
//     unwanted "RARBG" "YTS" ignore-case=#true

#include "policy_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef policy_plugin_string_t text_t;
typedef exports_vpo_plugin_policy_verdict_t verdict_t;
typedef exports_vpo_plugin_policy_reason_t reason_t;
typedef exports_vpo_plugin_policy_list_node_t options_t;
typedef exports_vpo_plugin_manifest_list_node_t checked_t;
typedef vpo_plugin_types_node_t node_t;

static text_t copy(const char *text) {
  text_t copied;
  policy_plugin_string_dup(&copied, text);
  return copied;
}

static bool is(text_t text, const char *word) {
  return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

// Memory for a list; running out of it ends the call.
static void *list(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory) abort();
  return memory;
}

void exports_vpo_plugin_manifest_describe(exports_vpo_plugin_manifest_description_t *ret) {
  vpo_plugin_about_value_spec_t *words = list(1, sizeof *words);
  words->name = copy("words");
  words->kind = VPO_PLUGIN_ABOUT_VALUE_KIND_TEXT;
  words->required = true;
  words->repeats = true;
  words->summary = copy("Words that no title may have.");

  vpo_plugin_about_value_spec_t *ignore_case = list(1, sizeof *ignore_case);
  ignore_case->name = copy("ignore-case");
  ignore_case->kind = VPO_PLUGIN_ABOUT_VALUE_KIND_BOOLEAN;
  ignore_case->default_.is_some = true;
  ignore_case->default_.val.tag = VPO_PLUGIN_TYPES_VALUE_BOOLEAN;
  ignore_case->default_.val.val.boolean = true;
  ignore_case->summary = copy("Whether `rarbg` is the same word.");

  vpo_plugin_about_option_spec_t *unwanted = list(1, sizeof *unwanted);
  unwanted->name = copy("unwanted");
  unwanted->arguments.ptr = words;
  unwanted->arguments.len = 1;
  unwanted->properties.ptr = ignore_case;
  unwanted->properties.len = 1;
  unwanted->summary = copy("Titles of tracks with one of these words go.");

  memset(ret, 0, sizeof *ret);
  ret->name = copy("{{name}}");
  ret->version = copy("0.1.0");
  ret->summary = copy("Takes titles away that have unwanted words in them");
  ret->licence = copy("MIT OR Apache-2.0");
  ret->options.ptr = unwanted;
  ret->options.len = 1;
}

// What is wrong with options beyond their names, types and counts, which vpo has checked already.
void exports_vpo_plugin_manifest_check(checked_t *options, exports_vpo_plugin_manifest_list_problem_t *ret) {
  exports_vpo_plugin_manifest_list_node_free(options);
  memset(ret, 0, sizeof *ret);
}

// Only A to Z are folded, so that the answer is the same in every language a plugin can be written in.
static uint8_t folded(uint8_t letter, bool ignore_case) {
  return ignore_case && letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
}

static bool has(text_t title, text_t word, bool ignore_case) {
  for (size_t from = 0; from + word.len <= title.len; from++) {
    size_t at = 0;
    while (at < word.len && folded(title.ptr[from + at], ignore_case) == folded(word.ptr[at], ignore_case)) at++;
    if (at == word.len) return true;
  }
  return false;
}

static reason_t because(text_t text, uint32_t node, text_t title) {
  reason_t reason = {.text = text, .node = {.is_some = true, .val = node}};
  vpo_plugin_types_entry_t *input = list(1, sizeof *input);
  input->name = copy("title");
  input->value.tag = VPO_PLUGIN_TYPES_VALUE_TEXT;
  policy_plugin_string_dup_n(&input->value.val.text, (const char *)title.ptr, title.len);
  reason.inputs.ptr = input;
  reason.inputs.len = 1;
  return reason;
}

static text_t naming(text_t word) {
  size_t size = word.len + 32;
  char *text = list(size, 1);
  snprintf(text, size, "The title has \"%.*s\" in it.", (int)word.len, (const char *)word.ptr);
  return (text_t){.ptr = (uint8_t *)text, .len = strlen(text)};
}

static void judge(const node_t *unwanted, uint32_t node, vpo_plugin_facts_list_track_t tracks, verdict_t *verdict) {
  bool ignore_case = true;
  for (size_t at = 0; at < unwanted->properties.len; at++) {
    const vpo_plugin_types_entry_t *property = &unwanted->properties.ptr[at];
    if (is(property->name, "ignore-case")) ignore_case = property->value.val.boolean;
  }
  verdict->steps.ptr = list(tracks.len, sizeof *verdict->steps.ptr);
  verdict->left_alone.ptr = list(tracks.len, sizeof *verdict->left_alone.ptr);
  for (size_t at = 0; at < tracks.len; at++) {
    const vpo_plugin_facts_track_t *track = &tracks.ptr[at];
    if (!track->title.is_some) continue;
    text_t title = track->title.val;
    const text_t *found = NULL;
    for (size_t word = 0; word < unwanted->arguments.len && !found; word++) {
      const text_t *candidate = &unwanted->arguments.ptr[word].val.text;
      if (has(title, *candidate, ignore_case)) found = candidate;
    }
    if (found) {
      exports_vpo_plugin_policy_step_t *step = &verdict->steps.ptr[verdict->steps.len++];
      step->action.tag = EXPORTS_VPO_PLUGIN_POLICY_ACTION_SET_TRACK_TITLE;
      step->action.val.set_track_title.track = track->id;
      step->reason = because(naming(*found), node, title);
    } else {
      exports_vpo_plugin_policy_left_alone_t *left = &verdict->left_alone.ptr[verdict->left_alone.len++];
      left->track.is_some = true;
      left->track.val = track->id;
      left->reason = because(copy("The title has no unwanted word in it."), node, title);
    }
  }
  // The bindings free only lists that have something in them.
  if (verdict->steps.len == 0) free(verdict->steps.ptr);
  if (verdict->left_alone.len == 0) free(verdict->left_alone.ptr);
}

// Says what would bring a file in line. To refuse a file: fill `err` and return false.
bool exports_vpo_plugin_policy_evaluate(options_t *options, exports_vpo_plugin_policy_context_t *context,
                                        exports_vpo_plugin_policy_facts_t *facts, verdict_t *ret,
                                        exports_vpo_plugin_policy_failure_t *err) {
  (void)err;
  memset(ret, 0, sizeof *ret);
  for (size_t at = 0; at < options->len; at++) {
    if (is(options->ptr[at].name, "unwanted")) judge(&options->ptr[at], (uint32_t)at, facts->tracks, ret);
  }
  exports_vpo_plugin_policy_list_node_free(options);
  exports_vpo_plugin_policy_context_free(context);
  exports_vpo_plugin_policy_facts_free(facts);
  return true;
}
