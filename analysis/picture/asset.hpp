#pragma once
// A file that is built into the program: the assembler puts it between two labels. ASSET_FOLDER is where it is.

#include <string_view>

#define PAGETOKEN_ASSET(name, file)                               \
  asm(".pushsection .rodata\n"                                    \
      ".hidden pagetoken_asset_" #name ", pagetoken_asset_" #name \
      "_end\n"                                                    \
      ".global pagetoken_asset_" #name ", pagetoken_asset_" #name \
      "_end\n"                                                    \
      "pagetoken_asset_" #name                                    \
      ":\n"                                                       \
      ".incbin \"" ASSET_FOLDER "/" file                          \
      "\"\n"                                                      \
      "pagetoken_asset_" #name                                    \
      "_end:\n"                                                   \
      ".popsection\n");                                           \
  extern "C" const char pagetoken_asset_##name[];                 \
  extern "C" const char pagetoken_asset_##name##_end[];           \
  static std::string_view name() { return {pagetoken_asset_##name, pagetoken_asset_##name##_end}; }
