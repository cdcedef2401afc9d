export default {
  categoriesLabel: 'الفئات',
  emojiUnsupportedMessage: 'متصفحك لا يدعم رموز المشاعر الملونة.',
  favoritesLabel: 'المفضلة',
  loadingMessage: 'جارٍ التحميل…',
  networkErrorMessage: 'تعذر تحميل رمز مشاعر.',
  regionLabel: 'منتقي رموز المشاعر',
  searchDescription: 'عندما تكون نتائج البحث متاحة، اضغط السهم لأعلى أو لأسفل للتحديد واضغط enter للاختيار.',
  searchLabel: 'بحث',
  searchResultsLabel: 'نتائج البحث',
  skinToneDescription: 'عند توسيع النتائج، اضغط السهم لأعلى أو لأسفل للتحديد واضغط enter للاختيار.',
  skinToneLabel: 'اختر درجة لون البشرة (حاليًا {skinTone})',
  skinTonesLabel: 'درجات لون البشرة',
  skinTones: [
    'افتراضي',
    'فاتح',
    'فاتح متوسط',
    'متوسط',
    'داكن متوسط',
    'داكن'
  ],
  categories: {
    custom: 'مخصص',
    'smileys-emotion': 'الوجوه الضاحكة ورموز المشاعر',
    'people-body': 'الأشخاص والجسد',
    'animals-nature': 'الحيوانات والطبيعة',
    'food-drink': 'الطعام والشراب',
    'travel-places': 'السفر والأماكن',
    activities: 'الأنشطة',
    objects: 'الأشياء',
    symbols: 'الرموز',
    flags: 'الأعلام'
  }
}
